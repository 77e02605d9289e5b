import Bindings
import Recovery

/// Reads a dump of one database from end to end, once, without a server, in memory that does not grow with it: whether every byte of it can be
/// read, and whether it fits together.
package struct DumpVerification: Sendable {
    /// What becomes of names of what is not there.
    package enum Dangling: Sendable { case refused, allowed }

    /// What is known of a collection from elsewhere.
    package struct Expected: Sendable {
        package var documents: Int64?
        package var danglingEnds: Int64?
        package var digest: String?

        package init(documents: Int64? = nil, danglingEnds: Int64? = nil, digest: String? = nil) {
            (self.documents, self.danglingEnds, self.digest) = (documents, danglingEnds, digest)
        }
    }

    let files: any ArangoDumpFiles
    /// Of edges that lead to a document that is not there, in a collection that is. Servers never look (contract 11).
    package var danglingEdges = Dangling.refused
    /// Of graphs and views that name collections that are not there: a dump may be one of some collections only.
    package var danglingDefinitions = Dangling.refused
    /// By collection: it has these and no others. Nil when nothing is known.
    package var expected: [String: Expected]?
    /// Whether to hash what documents hold.
    package var wantsDigests = false
    /// So many bytes for the keys of all documents; what does not fit goes to a file in the folder below that has no name.
    package var memory = Self.usualMemory
    /// So many data files are read side by side.
    package var width = min(4, max(2, Machine.processorCount))
    let scratch: String
    let hash: KeyHash

    package static let usualMemory = 16 << 20

    /// - Parameter scratch: a folder.
    init(_ files: any ArangoDumpFiles, scratch: String, hash: KeyHash = KeyHash()) {
        (self.files, self.scratch, self.hash) = (files, scratch, hash)
    }

    /// Throws `Failure(.unfit)` for a dump that only ArangoDB's own tools can read, `Failure(.localStorage)`; all that is wrong with a dump that
    /// can be read is a finding.
    package func run() async throws -> DumpReport {
        let contents = try await ArangoDumpContents.read(files)
        let pile = MarkPile(memory: memory, scratch: scratch)
        let scans = try scans(contents, pile)
        let tallies = try await read(scans)
        try await blocking { _ in try pile.finish() }
        var judgement = DumpJudgement(self, contents, scans, tallies)
        let settlement = MarkSettlement(
            pile: pile, collections: contents.collections.count, files: scans.count, unread: judgement.unread,
            mayBeSuperseded: zip(scans, tallies).contains { $0.dumped.isEdge && $1.isEnveloped }, memory: memory, width: width)
        judgement.settled = try await settlement.settle()
        judgement.names = try await names(of: judgement.wantedLines, scans)
        return judgement.report
    }

    private func scans(_ contents: ArangoDumpContents, _ pile: MarkPile) throws -> [DataFileScan] {
        let places = CollectionPlaces(contents.collections.map(\.name))
        var scans: [DataFileScan] = []
        for (place, collection) in contents.collections.enumerated() {
            for file in collection.data {
                scans.append(
                    DataFileScan(
                        collection: place, place: scans.count, file: file, dumped: collection, places: places, hash: hash, pile: pile,
                        wantsDigest: wantsDigests))
            }
        }
        guard contents.collections.count < DocumentMark.mostCollections, scans.count < DocumentMark.mostFiles else {
            throw Failure(.unfit, "\(files.words) has more than a million files", hint: "verify the databases of it one by one")
        }
        return scans
    }

    /// The largest first: what is left for the end is short.
    private func read(_ scans: [DataFileScan]) async throws -> [FileTally] {
        let order = scans.sorted { (files.sizes[$0.file.name] ?? 0, $1.place) > (files.sizes[$1.file.name] ?? 0, $0.place) }
        return try await withThrowingTaskGroup(of: (Int, FileTally).self) { group in
            var waiting = order[...]
            func begin() {
                guard let scan = waiting.popFirst() else { return }
                group.addTask { [files] in
                    let tally = try await files.withFile(scan.file.name) { path in try await blocking { try scan.read(path, $0) } }
                    return (scan.place, tally)
                }
            }
            for _ in 0..<max(1, width) { begin() }
            var tallies = [FileTally](repeating: FileTally(), count: scans.count)
            while let (place, tally) = try await group.next() {
                tallies[place] = tally
                begin()
            }
            return tallies
        }
    }

    private func names(of wanted: [Int: Set<Int64>], _ scans: [DataFileScan]) async throws -> [DocumentMark.Place: LineNames.Line] {
        var names: [DocumentMark.Place: LineNames.Line] = [:]
        for (place, lines) in wanted.sorted(by: { $0.key < $1.key }) {
            let file = scans[place].file
            let found = try await files.withFile(file.name) { path in
                try await blocking { try LineNames.read(lines, path, isPacked: file.isPacked, $0) }
            }
            for (line, name) in found { names[DocumentMark.Place(file: place, line: line)] = name }
        }
        return names
    }
}
