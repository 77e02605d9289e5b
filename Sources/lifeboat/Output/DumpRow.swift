import Engines
import Recovery

/// What became of one dumped database that was looked into.
struct DumpRow {
    let folder: String
    let report: DumpReport?
    let failure: Failure?

    init(_ folder: String, _ report: DumpReport) { (self.folder, self.report, failure) = (folder, report, nil) }

    init(_ folder: String, _ failure: Failure) { (self.folder, self.failure, report) = (folder, failure, nil) }

    var outcome: RunOutcome {
        if let failure { return RunOutcome(failure) }
        return isSound ? .passed : .failed
    }

    var isSound: Bool { report?.isSound ?? false }
}

extension DumpRow: Encodable {
    private enum Keys: String, CodingKey {
        case folder, sound, checks, failure, database, createdAt, collections, views, graphs, notes
    }

    private struct Collection: Encodable {
        struct Index: Encodable {
            let type: String
            let name: String?
            let fields: [String]
        }
        let name: String
        let edges: Bool
        let system: Bool
        let whole: Bool
        let documents: Int64
        let bytes: Int64
        let files: [String]
        let indexes: [Index]
        let danglingEnds: Int64
        let outsideEnds: Int64

        init(_ collection: DumpReport.Collection) {
            name = collection.name
            edges = collection.isEdge
            system = collection.isSystem
            whole = collection.isWhole
            documents = collection.documents
            bytes = collection.bytes
            files = collection.dataFiles
            indexes = collection.indexes.map { Index(type: $0.type, name: $0.name, fields: $0.fields) }
            danglingEnds = collection.danglingEnds
            outsideEnds = collection.outsideEnds
        }
    }

    private struct View: Encodable {
        let name: String
        let type: String
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Keys.self)
        try row.encode(folder, forKey: .folder)
        try row.encode(isSound, forKey: .sound)
        try row.encode(report?.checks ?? [], forKey: .checks)
        try row.encodeIfPresent(failure?.record, forKey: .failure)
        guard let report else { return }
        try row.encodeIfPresent(report.database, forKey: .database)
        try row.encodeIfPresent(report.createdAt, forKey: .createdAt)
        try row.encode(report.collections.map(Collection.init), forKey: .collections)
        try row.encode(report.views.map { View(name: $0.name, type: $0.type) }, forKey: .views)
        try row.encode(report.graphs, forKey: .graphs)
        try row.encode(report.notes, forKey: .notes)
    }
}
