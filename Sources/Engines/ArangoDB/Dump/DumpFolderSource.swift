import Bindings
import Recovery

/// A dump as a restore wants it, out of its files.
struct DumpFolderSource: DumpedDatabaseSource {
    let words: String
    let collections: [RestorableCollection]
    let views: [RestorableView]
    private let files: any ArangoDumpFiles
    private let dumped: [String: CollectionInDump]

    /// Throws `Failure(.damaged)` when it is not certain what belongs to the dump; data that is missing is asked for in vain.
    init(_ files: any ArangoDumpFiles) async throws {
        let contents = try await ArangoDumpContents.read(files)
        let doubts = contents.findings.filter { finding in
            !contents.collections.contains { $0.subject == finding.subject && $0.data.isEmpty && !$0.isAmbiguous }
                && !contents.views.contains { $0.subject == finding.subject }
        }
        if let first = doubts.first {
            throw Failure(
                .damaged,
                "\(files.words) is not whole: \(first.subject), \(first.aspect): expected \(first.expected), found \(first.actual)",
                hint: "`lifeboat arangodb verify-dump` tells what else is wrong with it")
        }
        words = files.words
        self.files = files
        dumped = Dictionary(contents.collections.map { ($0.name, $0) }) { first, _ in first }
        collections = contents.collections.map {
            RestorableCollection(name: $0.name, isEdge: $0.isEdge, isSystem: $0.isSystem, structure: $0.structure)
        }
        views = contents.views.map { RestorableView(name: $0.name, type: $0.type, definition: $0.definition) }
    }

    func lines(of collection: RestorableCollection) async throws -> (any DumpedLines)? {
        guard let known = dumped[collection.name], !known.data.isEmpty || known.mayBeEmpty else { return nil }
        var paths: [String] = []
        do {
            for file in known.data { paths.append(try await files.localPath(of: file.name)) }
        } catch {
            for path in paths { await files.release(path) }
            throw error
        }
        let compression: Compression = known.data.contains { $0.isPacked } ? .gzip : .none
        return DumpFileLines(paths, of: collection.name, expecting: compression) { [files, paths] in
            for path in paths { await files.release(path) }
        }
    }
}
