import Bindings
import Recovery

/// Asks pg_restore itself to read the table of contents, and holds its answer against ours: what restores the dump one day is it, not we.
enum PgRestoreList {
    static func check(
        _ contents: DumpContents, _ backup: BackupInHand, pgRestore: String, scratch: String, at place: any ToolPlace
    ) async throws -> CheckResult {
        let folder = "\(scratch)/list-\(randomHex(8))"
        let outcome: Result<CommandOutcome, any Error>
        do {
            let bytes = try await tableOfContents(of: backup, scratch: scratch)
            try await blocking { _ throws(FileError) in
                try Files.makeFolder(folder)
                try Files.create("\(folder)/\(PostgresExamine.tableOfContents)", bytes)
            }
            let brought = try await place.bring([PostgresExamine.tableOfContents], of: folder)
            outcome = .success(
                try await place.commands.run(CommandSpec(pgRestore, ["--list", brought], environment: ["LC_ALL": "C.UTF-8"])))
        } catch let error as FileError {
            outcome = .failure(
                Failure(
                    .localStorage, "cannot write a copy of the table of contents", hint: "check that \(scratch) can be written",
                    cause: error))
        } catch {
            outcome = .failure(error)
        }
        _ = await uncancelled { await blocking { _ in try? Files.removeTree(folder) } }
        let answer = try outcome.get()
        guard answer.succeeded else {
            throw Failure(
                .damaged,
                "pg_restore cannot read the table of contents of backup \(backup.manifest.id): it \(answer.words): \(answer.errors)",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        return CheckResult(
            "dump", "entries as pg_restore reads them", expected: contents.entries.count, actual: entries(answer.output),
            compared: contents.entries.count)
    }

    private static func tableOfContents(of backup: BackupInHand, scratch: String) async throws -> [UInt8] {
        let key = "\(PostgresExamine.folder)/\(PostgresExamine.tableOfContents)"
        guard let artifact = backup.manifest.artifacts.first(where: { $0.key == key }) else { return [] }
        return try await DumpPart(artifact: artifact, name: PostgresExamine.tableOfContents, backup: backup, scratch: scratch)
            .bytes(limit: PostgresExamine.contentsLimit)
    }

    /// Reads `;     TOC Entries: 123`. The list itself leaves out entries that a restore takes for granted.
    private static func entries(_ output: [UInt8]) -> Int {
        let lines = String(decoding: output.prefix(4096), as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix(";") && $0.contains("TOC Entries: ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? -1
    }
}
