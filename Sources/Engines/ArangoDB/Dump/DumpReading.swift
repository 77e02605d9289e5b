import Documents
import Recovery

/// Puts together what the files of a dump say.
struct DumpReading {
    private let words: String
    private var database: String?
    private var createdAt: String?
    private var collections: [String: CollectionInDump] = [:]
    private var views: [String: ViewInDump] = [:]
    private var owners: [String: String] = [:]
    private var data: [String: [DataFile]] = [:]
    private var checks: [CheckResult] = []

    private struct DataFile {
        let name: String
        let variant: DumpFileKind.Variant
        let number: Int?
    }

    init(_ words: String) { self.words = words }

    // MARK: - Files

    /// Throws `Failure(.unfit)` for documents in the server's own format.
    mutating func take(description text: [UInt8]) throws {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
            guard json.members != nil else { throw PlainReason("it is no object") }
        } catch {
            checks.append(Self.unreadable("dump", DumpFileNames.description, error))
            return
        }
        if json["useVPack"]?.bool == true { throw Self.velocyPack(words, DumpFileNames.description) }
        database = json["properties"]?["name"]?.string ?? json["database"]?.string
        createdAt = json["createdAt"]?.string
        checks.append(CheckResult("dump", DumpFileNames.description, expected: "readable", actual: "readable"))
    }

    static func velocyPack(_ words: String, _ file: String) -> Failure {
        Failure(
            .unfit, "\(words) holds its documents as VelocyPack (\(file) says so), which only the tools of ArangoDB read",
            hint: "dump again with arangodump --dump-vpack false, or restore it with arangorestore")
    }

    mutating func take(structure text: [UInt8], _ file: String, stem: String) {
        let collection: CollectionInDump
        do { collection = try CollectionInDump(text, file: file) } catch {
            checks.append(Self.unreadable("collection \(Self.name(of: stem))", "structure", error, in: file))
            return
        }
        checks.append(CheckResult(collection.subject, "structure", expected: "readable", actual: "readable"))
        if let other = collections[collection.name] {
            differs(collection.subject, "structures", "one", "two: \(other.structureFile) and \(file)")
            return
        }
        if !collection.stems.contains(stem) {
            differs(
                collection.subject, "name of the structure's file", "\(collection.stems[0])\(DumpFileNames.structureEnd)",
                "\(file): another collection's, or renamed by hand")
        }
        collections[collection.name] = collection
        for stem in collection.stems where owners[stem] == nil { owners[stem] = collection.name }
    }

    mutating func take(view text: [UInt8], _ file: String, stem: String) {
        let view: ViewInDump
        do { view = try ViewInDump(text, file: file) } catch {
            checks.append(Self.unreadable("view \(stem)", "definition", error, in: file))
            return
        }
        checks.append(CheckResult(view.subject, "definition", expected: "readable", actual: "readable"))
        if let other = views[view.name] {
            differs(view.subject, "definitions", "one", "two: \(other.file) and \(file)")
            return
        }
        if ![view.name, view.id].contains(stem) {
            differs(view.subject, "name of the definition's file", "\(view.name)\(DumpFileNames.viewEnd)", file)
        }
        views[view.name] = view
    }

    /// All structures were taken before.
    mutating func take(data file: String, stem: String, _ variant: DumpFileKind.Variant, _ number: Int?) {
        guard let owner = owners[stem] else {
            refuse(file, because: "no structure belongs to it: it is left over from another dump, or its structure is lost")
            return
        }
        data[owner, default: []].append(DataFile(name: file, variant: variant, number: number))
    }

    mutating func refuse(_ file: String, because reason: String) {
        differs("file \(file)", "belongs to the dump", "yes", "no: \(reason)")
    }

    // MARK: - The whole

    var contents: ArangoDumpContents {
        var reading = self
        let isSplit = data.values.contains { $0.contains { $0.number != nil } }
        var notes: [String] = []
        let known = collections.values.sorted { $0.name < $1.name }.map { reading.withData($0, isSplit, &notes) }
        let views = views.values.sorted { $0.name < $1.name }
        return ArangoDumpContents(
            database: database, createdAt: createdAt, collections: known, views: views, checks: reading.checks, notes: notes)
    }

    private mutating func withData(_ collection: CollectionInDump, _ isSplit: Bool, _ notes: inout [String]) -> CollectionInDump {
        var collection = collection
        let files = (data[collection.name] ?? []).sorted { ($0.number ?? 0, $0.name) < ($1.number ?? 0, $1.name) }
        let variants = Set(files.map(\.variant))
        guard variants.count <= 1 else {
            // arangorestore takes the first that it looks for, without a word about the others.
            let names = Self.list(files.map(\.name))
            differs(collection.subject, "data", "one set of files", "\(names): two dumps wrote into this folder")
            collection.isAmbiguous = true
            return collection
        }
        if let hole = files.indices.first(where: { files[$0].number != nil && files[$0].number != $0 }) {
            differs(collection.subject, "data", "files that count from 0 on", "number \(hole) is missing: \(Self.list(files.map(\.name)))")
            collection.isAmbiguous = true
            return collection
        }
        collection.data = files.map { .init(name: $0.name, isPacked: $0.variant.isPacked) }
        if files.isEmpty, !collection.isDeleted {
            if isSplit {
                collection.mayBeEmpty = true
                notes.append("collection \(collection.name) has no data: split dumps have no file for what is empty")
            } else {
                differs(collection.subject, "data", "a file, also when it is empty", "none: it would be restored as empty")
            }
        }
        return collection
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    private mutating func differs(_ subject: String, _ aspect: String, _ expected: String, _ actual: String) {
        checks.append(CheckResult(subject, aspect, expected: expected, actual: actual, verdict: .differed))
    }

    private static func unreadable(_ subject: String, _ aspect: String, _ error: any Error, in file: String? = nil) -> CheckResult {
        CheckResult(
            subject, aspect, expected: "readable", actual: "\(file.map { "\($0): " } ?? "")\(error)", verdict: .differed)
    }

    /// Without the hash: of a file that does not tell its collection's name.
    private static func name(of stem: String) -> String {
        guard let line = stem.lastIndex(of: "_"), line != stem.startIndex, stem[line...].utf8.count == 33 else { return stem }
        return String(stem[..<line])
    }
}
