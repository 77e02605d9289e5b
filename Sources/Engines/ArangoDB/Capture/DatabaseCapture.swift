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
        /// Why what is inside may not be all of it. Nobody knows of which collections.
        var problems: [String] = []
        /// To be taken over when everything else is done.
        var files: [(path: String, key: String)] = []
    }

    private static let attempts = 3

    /// A snapshot that got lost on the way is taken anew, with everything that was read from it; so is one that has other numbers of documents
    /// than the server can have had.
    func capture() async throws -> Outcome {
        var attempt = 1
        while true {
            let files = CapturedFiles(folder: sink.workFolder)
            do {
                var outcome = try await capture(into: files)
                if outcome.problems.isEmpty || attempt == Self.attempts {
                    outcome.files = files.all
                    return outcome
                }
                sink.progress("\(outcome.problems[0]); reading database '\(database.name)' again from its beginning")
                await files.remove()
            } catch {
                await uncancelled { await files.remove() }
                guard let failure = error as? Failure, failure.isWorthRetrying, attempt < Self.attempts else { throw error }
                sink.progress("\(failure.sentence); reading database '\(database.name)' again from its beginning")
            }
            try await time.sleep(for: .seconds(1))
            attempt += 1
        }
    }

    private var folder: String { "dump/\(DumpFileNames.folder(of: database.name, id: database.id))" }

    private func capture(into files: CapturedFiles) async throws -> Outcome {
        let before = try await counts()
        let reading = DefinitionReading(client: client, database: database.name)
        let definitions = try await reading.all()
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
        var outcome = try await describe(read, before: before, after: try await counts(), files)
        describe(try await reading.all(), before: definitions, Set(read.collections.map(\.name)), &outcome)
        return outcome
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

    /// What the server counts itself.
    private func counts() async throws -> [String: CollectionTally] {
        try await client.tallies(in: database.name) { choice.takes($0) }
    }

    // MARK: What was read

    private func describe(_ read: Read, before: [String: CollectionTally], after: [String: CollectionTally], _ files: CapturedFiles)
        async throws -> Outcome
    {
        var outcome = Outcome()
        outcome.names = Set(read.contents.collections.map(\.name))
        for collection in read.collections {
            let digest = read.digests[collection.name] ?? ContentDigest()
            let names = (
                structure: "\(folder)/\(DumpFileNames.structure(of: collection.name, id: collection.id))",
                data: "\(folder)/\(DumpFileNames.data(of: collection.name, id: collection.id))"
            )
            try await write(collection.structure, as: names.structure, files)
            let agreement = CountAgreement(dumped: digest.documents, before: before[collection.name], after: after[collection.name])
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

    /// Graphs and analyzers are documents of system collections; here they are kept as the server tells of them, to be compared. Those that
    /// changed while the documents were read are compared with nothing.
    private func describe(
        _ after: [DumpedDatabase.Definition], before: [DumpedDatabase.Definition], _ captured: Set<String>, _ outcome: inout Outcome
    ) {
        guard captured.contains("_graphs") || captured.contains("_analyzers") else { return }
        for definition in after {
            let subject = "\(definition.kind.rawValue) '\(definition.name)' of database '\(database.name)'"
            guard before.contains(definition) else {
                outcome.notes.append("\(subject) was changed while it was captured; what is inside is compared with nothing")
                continue
            }
            let missing = definition.kind == .graph ? DefinitionLinks.collections(ofGraph: definition.definition).subtracting(captured) : []
            guard missing.isEmpty else {
                outcome.notes.append(
                    "\(subject) names collection \(missing.sorted().map(\.quoted).joined(separator: ", ")), which is not in this backup")
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
