import Bindings
import Documents
import Recovery

/// Captures one database into the files that arangodump would write (contract 12).
struct DatabaseCapture: Sendable {
    let client: ArangoClient
    let version: ArangoVersion
    let database: ArangoDatabase
    let choice: ArangoChoice
    let jobs: Int
    let level: Int
    let time: any TimeSource
    let sink: any CaptureSink

    struct Outcome: Sendable {
        var items: [InventoryItem] = []
        var collections = 0
        var documents: Int64 = 0
        var views = 0
        var names: Set<String> = []
        var notes: [String] = []
        /// What makes the backup incomplete.
        var problems: [String] = []
    }

    private static let attempts = 3

    /// A snapshot that got lost on the way is taken anew, with everything that was read from it.
    func capture() async throws -> Outcome {
        var attempt = 1
        while true {
            let files = CapturedFiles(folder: sink.workFolder)
            do {
                let outcome = try await capture(into: files)
                for (path, key) in files.all { try await sink.adopt(file: path, as: key) }
                return outcome
            } catch {
                await uncancelled { await files.remove() }
                guard let failure = error as? Failure, failure.isWorthRetrying, attempt < Self.attempts else { throw error }
                sink.progress("\(failure.sentence); reading database '\(database.name)' again from its beginning")
                try await time.sleep(for: .seconds(1))
                attempt += 1
            }
        }
    }

    private var folder: String { "dump/\(DumpFileNames.folder(of: database.name, id: database.id))" }

    private func capture(into files: CapturedFiles) async throws -> Outcome {
        let before = try await counts()
        let read = try await DatabaseSnapshot.with(of: database.name, on: client, version, jobs: jobs, time) { snapshot in
            let collections = snapshot.contents.collections.filter { choice.takes($0.name) }
            let sinks = try await makeSinks(collections)
            do {
                try await snapshot.read(collections.map(\.name)) { collection, lines in
                    guard let sink = sinks[collection] else { throw Failure(.bug, "nobody asked for collection '\(collection)'") }
                    try await sink.take(lines)
                }
                var digests: [String: ContentDigest] = [:]
                for (name, sink) in sinks { digests[name] = try await sink.finish() }
                return Read(contents: snapshot.contents, collections: collections, paths: sinks.mapValues(\.path), digests: digests)
            } catch {
                let paths = sinks.values.map(\.path)
                await uncancelled { await blocking { _ in for path in paths { _ = try? Files.removeFile(path) } } }
                throw error
            }
        }
        for (name, path) in read.paths.sorted(by: { $0.key < $1.key }) {
            let id = read.collections.first { $0.name == name }?.id ?? name
            files.take(path, as: "\(folder)/\(DumpFileNames.data(of: name, id: id))")
        }
        return try await describe(read, before: before, after: try await counts(), files)
    }

    private struct Read: Sendable {
        let contents: DatabaseContents
        let collections: [DatabaseContents.Collection]
        let paths: [String: String]
        let digests: [String: ContentDigest]
    }

    private func makeSinks(_ collections: [DatabaseContents.Collection]) async throws -> [String: DumpSink] {
        var sinks: [String: DumpSink] = [:]
        for collection in collections {
            sinks[collection.name] = try await DumpSink(
                creating: "\(sink.workFolder)/part-\(randomHex(6))", of: collection.name, level: level)
        }
        return sinks
    }

    /// What the server counts itself, of those that everybody may see.
    private func counts() async throws -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for collection in try await client.collections(in: database.name, excludingSystem: true) where choice.takes(collection.name) {
            counts[collection.name] = try await client.count(collection.name, in: database.name)
        }
        return counts
    }

    // MARK: What was read

    private func describe(_ read: Read, before: [String: Int64], after: [String: Int64], _ files: CapturedFiles) async throws -> Outcome {
        var outcome = Outcome()
        outcome.names = Set(read.contents.collections.map(\.name))
        for collection in read.collections {
            let digest = read.digests[collection.name] ?? ContentDigest()
            let names = (
                structure: "\(folder)/\(DumpFileNames.structure(of: collection.name, id: collection.id))",
                data: "\(folder)/\(DumpFileNames.data(of: collection.name, id: collection.id))"
            )
            try await write(collection.structure, as: names.structure, files)
            let agreement = Agreement(dumped: digest.documents, before: before[collection.name], after: after[collection.name])
            if let problem = agreement.problem {
                outcome.problems.append("collection '\(collection.name)' of database '\(database.name)' \(problem)")
            }
            if agreement.wasWrittenTo {
                outcome.notes.append(
                    "collection '\(collection.name)' of database '\(database.name)' was written to while it was captured; what is inside is one moment of it"
                )
            }
            outcome.items.append(
                DumpedCollection(
                    database: database.name, name: collection.name, isEdge: collection.isEdge, documents: digest.documents,
                    digest: digest.text, structure: collection.structure, structurePart: names.structure, dataPart: names.data,
                    wasWrittenTo: agreement.wasWrittenTo
                ).item)
            outcome.collections += 1
            outcome.documents += digest.documents
        }
        try await describeViews(read, &outcome, files)
        try await describeDefinitions(Set(read.collections.map(\.name)), &outcome)
        try await write(description(read.contents), as: "\(folder)/\(DumpFileNames.description)", files)
        try await write(Array("none".utf8), as: "\(folder)/\(DumpFileNames.encryption)", files)
        let isPartial = choice.leavesOut && outcome.collections < read.contents.collections.filter { !$0.isStatistics }.count
        outcome.items.insert(
            ArangoBackup.item(database.name, folder: folder, isPartial: isPartial, documents: outcome.documents), at: 0)
        return outcome
    }

    /// Views are brought along when all that they name is.
    private func describeViews(_ read: Read, _ outcome: inout Outcome, _ files: CapturedFiles) async throws {
        let captured = Set(read.collections.map(\.name))
        for view in read.contents.views {
            let missing = DefinitionLinks.collections(ofView: view.definition).subtracting(captured).sorted()
            guard missing.isEmpty || !choice.leavesOut else {
                outcome.notes.append(
                    "view '\(view.name)' of database '\(database.name)' is left out with collection \(missing.map(\.quoted).joined(separator: ", "))"
                )
                continue
            }
            let part = "\(folder)/\(DumpFileNames.view(view.name, id: view.id))"
            try await write(view.definition, as: part, files)
            outcome.views += 1
            outcome.items.append(
                ArangoBackup.item(
                    DumpedDatabase.DumpedView(name: view.name, type: view.type, definition: view.definition, part: part),
                    of: database.name))
        }
    }

    /// Graphs and analyzers are documents of system collections; here they are kept as the server tells of them, to be compared.
    private func describeDefinitions(_ captured: Set<String>, _ outcome: inout Outcome) async throws {
        guard captured.contains("_graphs") || captured.contains("_analyzers") else { return }
        for definition in try await DefinitionReading(client: client, database: database.name).all() {
            let missing = definition.kind == .graph ? DefinitionLinks.collections(ofGraph: definition.definition).subtracting(captured) : []
            guard missing.isEmpty else {
                outcome.notes.append(
                    "graph '\(definition.name)' of database '\(database.name)' names collection \(missing.sorted().map(\.quoted).joined(separator: ", ")), which is not in this backup"
                )
                continue
            }
            outcome.items.append(ArangoBackup.item(definition, of: database.name))
        }
    }

    /// Versions from 3.8 on read `useEnvelope`; arangorestore compares `database` when it is asked to.
    private func description(_ contents: DatabaseContents) -> [UInt8] {
        let text: JSONValue = [
            "database": .string(database.name), "lastTickAtDumpStart": .string(contents.tick), "createdAt": .string(time.now.description),
            "useEnvelope": false, "useVPack": false,
            "properties": (try? JSONValue(parsing: contents.properties)) ?? .object([]),
        ]
        return Array(text.text().utf8)
    }

    private func write(_ bytes: [UInt8], as key: String, _ files: CapturedFiles) async throws {
        let path = files.add(key)
        do { try await blocking { _ throws(FileError) in try Files.create(path, bytes) } } catch {
            throw Failure(.localStorage, "cannot write \(key)", hint: "check the disk of the store", cause: error)
        }
    }
}

/// What a dump's count and the server's own counts before and after it say together.
private struct Agreement {
    let dumped: Int64
    /// Nil: the server does not show the collection.
    let before: Int64?
    let after: Int64?

    var wasWrittenTo: Bool { before != after && before != nil }

    /// A server that has the same number before and after, and another in between, has lost some on the way.
    var problem: String? {
        guard let before, before == after, before != dumped else { return nil }
        return "has \(before) documents on the server, and \(dumped) came out of it"
    }
}
