import Bindings
import Documents
import Recovery

/// Captures one database by arangodump, and reads what it wrote from end to end.
struct ToolCapture: Sendable {
    let client: ArangoClient
    let tools: ArangoTools
    let database: ArangoDatabase
    let choice: ArangoChoice
    let jobs: Int
    let sink: any CaptureSink

    func capture() async throws -> DatabaseCapture.Outcome {
        let name = "\(sink.workFolder)/arangodump-\(randomHex(6))"
        let outcome: Result<DatabaseCapture.Outcome, any Error>
        do { outcome = .success(try await capture(into: name)) } catch { outcome = .failure(error) }
        // What was not adopted.
        await uncancelled { await blocking { _ in _ = try? Files.removeTree(name) } }
        return try outcome.get()
    }

    private func capture(into path: String) async throws -> DatabaseCapture.Outcome {
        let listed = try await names()
        let before = try await counts()
        guard !before.isEmpty else {
            throw Failure(
                .engine, "no collection of database '\(database.name)' on \(client.server.words) is left to capture",
                hint: "see `include:`, `exclude:` and `private:`")
        }
        var arguments = [
            "--output-directory", ArangoTools.literal(path), "--include-system-collections", "true", "--threads", "\(jobs)",
            "--compress-output", "true",
        ]
        if choice.leavesOut {
            for name in before.keys.sorted() { arguments += ["--collection", ArangoTools.literal(name)] }
        }
        try await tools.run("arangodump", on: client.server, database: database.name, arguments) { sink.progress($0) }
        guard let files = try await ArangoDumpFolder.open(path).databases.first else {
            throw Failure(.engine, "arangodump wrote no dump of database '\(database.name)'")
        }
        var verification = DumpVerification(files, scratch: sink.workFolder)
        verification.danglingEdges = .allowed
        verification.wantsDigests = true
        let report = try await verification.run()
        let after = try await counts()
        // What was made or dropped meanwhile is not missing.
        let everything = listed.intersection(try await names())
        var outcome = try describe(try await ArangoDumpContents.read(files), report, before, after, everything: everything)
        try await describeDefinitions(&outcome)
        for file in files.sizes.keys.sorted() {
            let work = "\(sink.workFolder)/part-\(randomHex(6))"
            do { try await blocking { _ throws(FileError) in try Files.publish(from: "\(path)/\(file)", to: work) } } catch {
                throw Failure(.localStorage, "cannot move \(file) of the dump", hint: "check the disk of the store", cause: error)
            }
            outcome.files.append((work, "\(folder)/\(file)"))
        }
        return outcome
    }

    /// Of all that is no system's.
    private func names() async throws -> Set<String> {
        Set(try await client.collections(in: database.name, excludingSystem: true).map(\.name))
    }

    /// By the server itself, of those that are to be taken.
    private func counts() async throws -> [String: CollectionTally] {
        try await client.tallies(in: database.name) { choice.takes($0) && !Self.notDumped.contains($0) }
    }

    /// What no server lists for a dump (contract 7).
    private static let notDumped: Set<String> = ["_routing", "_jobs", "_queues"]

    private var folder: String { "dump/\(DumpFileNames.folder(of: database.name, id: database.id))" }

    private func describe(
        _ contents: ArangoDumpContents, _ report: DumpReport, _ before: [String: CollectionTally], _ after: [String: CollectionTally],
        everything: Set<String>
    ) throws -> DatabaseCapture.Outcome {
        // A graph may name what was left out.
        if let finding = report.findings.first(where: { !$0.subject.hasPrefix("graph ") }) {
            throw Failure(
                .engine,
                "arangodump's dump of database '\(database.name)' is not whole: \(finding.subject), \(finding.aspect): expected \(finding.expected), found \(finding.actual)",
                hint: "see its version beside the server's; or leave out `tool:`")
        }
        var outcome = DatabaseCapture.Outcome()
        var items: [InventoryItem] = []
        for name in Set(before.keys).intersection(after.keys).subtracting(contents.collections.map(\.name)).sorted() {
            // It warns of these, and ends with 0 (contract 13).
            outcome.problems.append("collection '\(name)' of database '\(database.name)' is not in what arangodump wrote")
        }
        for collection in contents.collections {
            let agreement = CountAgreement(
                dumped: report.collection(collection.name)?.documents ?? 0, before: before[collection.name], after: after[collection.name])
            if let problem = agreement.problem {
                outcome.problems.append("collection '\(collection.name)' of database '\(database.name)' \(problem)")
            }
            guard let known = report.collection(collection.name), let digest = known.digest, collection.data.count == 1 else {
                throw Failure(
                    .engine, "arangodump did not write the documents of collection '\(collection.name)' into one file",
                    hint: "leave out `tool:` to have lifeboat do it")
            }
            items.append(
                DumpedCollection(
                    database: database.name, name: collection.name, isEdge: collection.isEdge, documents: known.documents, digest: digest,
                    structure: collection.structure, structurePart: "\(folder)/\(collection.structureFile)",
                    dataPart: "\(folder)/\(collection.data[0].name)", wasWrittenTo: agreement.wasWrittenTo
                ).item)
            outcome.collections += 1
            outcome.documents += known.documents
            outcome.names.insert(collection.name)
        }
        for view in contents.views {
            outcome.views += 1
            items.append(
                ArangoBackup.item(
                    DumpedDatabase.DumpedView(
                        name: view.name, type: view.type, definition: view.definition, part: "\(folder)/\(view.file)"),
                    of: database.name))
        }
        outcome.items =
            [
                ArangoBackup.item(
                    database.name, folder: folder, isPartial: !everything.subtracting(outcome.names).isEmpty, documents: outcome.documents)
            ] + items
        return outcome
    }

    private func describeDefinitions(_ outcome: inout DatabaseCapture.Outcome) async throws {
        for definition in try await DefinitionReading(client: client, database: database.name).all() {
            let isWhole =
                definition.kind != .graph || DefinitionLinks.collections(ofGraph: definition.definition).isSubset(of: outcome.names)
            if isWhole { outcome.items.append(ArangoBackup.item(definition, of: database.name)) }
        }
    }
}
