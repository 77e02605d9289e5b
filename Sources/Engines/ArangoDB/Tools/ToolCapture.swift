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
        let all = try await client.collections(in: database.name, excludingSystem: false).map(\.name)
        var arguments = [
            "--output-directory", ArangoTools.literal(path), "--include-system-collections", "true", "--threads", "\(jobs)",
            "--compress-output", "true",
        ]
        if choice.leavesOut {
            for name in all where choice.takes(name) { arguments += ["--collection", ArangoTools.literal(name)] }
        }
        try await tools.run("arangodump", on: client.server, database: database.name, arguments) { sink.progress($0) }
        guard let files = try await ArangoDumpFolder.open(path).databases.first else {
            throw Failure(.engine, "arangodump wrote no dump of database '\(database.name)'")
        }
        var verification = DumpVerification(files, scratch: sink.workFolder)
        verification.danglingEdges = .allowed
        verification.wantsDigests = true
        let report = try await verification.run()
        let contents = try await ArangoDumpContents.read(files)
        var outcome = try describe(contents, report)
        for file in files.sizes.keys.sorted() { try await sink.adopt(file: "\(path)/\(file)", as: "\(folder)/\(file)") }
        try await describeDefinitions(&outcome)
        return outcome
    }

    private var folder: String { "dump/\(DumpFileNames.folder(of: database.name, id: database.id))" }

    private func describe(_ contents: ArangoDumpContents, _ report: DumpReport) throws -> DatabaseCapture.Outcome {
        // A graph may name what was left out.
        if let finding = report.findings.first(where: { !$0.subject.hasPrefix("graph ") }) {
            throw Failure(
                .engine,
                "arangodump's dump of database '\(database.name)' is not whole: \(finding.subject), \(finding.aspect): expected \(finding.expected), found \(finding.actual)",
                hint: "see its version beside the server's; or leave out `tool:`")
        }
        var outcome = DatabaseCapture.Outcome()
        var items: [InventoryItem] = []
        for collection in contents.collections {
            guard let known = report.collection(collection.name), let digest = known.digest, collection.data.count == 1 else {
                throw Failure(
                    .engine, "arangodump did not write the documents of collection '\(collection.name)' into one file",
                    hint: "leave out `tool:` to have lifeboat do it")
            }
            items.append(
                DumpedCollection(
                    database: database.name, name: collection.name, isEdge: collection.isEdge, documents: known.documents, digest: digest,
                    structure: collection.structure, structurePart: "\(folder)/\(collection.structureFile)",
                    dataPart: "\(folder)/\(collection.data[0].name)", wasWrittenTo: false
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
                    database.name, folder: folder, isPartial: choice.leavesOut, documents: outcome.documents)
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
