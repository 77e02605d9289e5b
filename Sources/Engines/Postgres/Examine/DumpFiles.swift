import Recovery

/// The files of a dump, each with what its table of contents says it is.
struct DumpFiles: Sendable {
    enum Use: Sendable {
        /// Rows of a table, as COPY text.
        case table(schema: String, name: String)
        case largeObject(id: String)
        /// Lists large objects.
        case list
        case contents
    }

    let files: [(part: DumpPart, use: Use)]
    let check: CheckResult

    /// Throws `Failure(.damaged)` when one is missing, and when there is one that nothing speaks of: it could be another table's.
    init(_ contents: DumpContents, _ parts: [DumpPart], _ backup: BackupInHand) async throws {
        let byName = Dictionary(parts.map { ($0.plainName, $0) }) { $1 }
        func part(_ name: String) throws -> DumpPart {
            guard let part = byName[name] else {
                throw Failure(
                    .damaged,
                    "part \(PostgresExamine.folder)/\(name) of backup \(backup.manifest.id) is missing: its table of contents names it",
                    hint: "choose another backup; `lifeboat backups list` shows them")
            }
            return part
        }
        var files: [(part: DumpPart, use: Use)] = [(try part(PostgresExamine.tableOfContents), .contents)]
        for entry in contents.entries {
            guard let file = entry.file else { continue }
            let found = try part(file)
            if entry.type == "BLOBS" {
                files.append((found, .list))
                for (id, name) in try await Self.largeObjects(in: found) { files.append((try part(name), .largeObject(id: id))) }
            } else {
                files.append((found, .table(schema: entry.schema ?? "", name: entry.tag)))
            }
        }
        let known = Set(files.map(\.part.name))
        if let foreign = parts.first(where: { !known.contains($0.name) }) {
            throw Failure(
                .damaged,
                "part \(foreign.artifact.key) of backup \(backup.manifest.id) is foreign: the dump's table of contents does not name it",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        self.files = files
        check = CheckResult("dump", "files", expected: files.count, actual: parts.count, compared: files.count)
    }

    /// Lines of `oid file`.
    private static func largeObjects(in list: DumpPart) async throws -> [(id: String, name: String)] {
        func damaged(_ what: String) -> Failure {
            Failure(
                .damaged, "part \(list.artifact.key) of backup \(list.backup.manifest.id) is damaged: \(what)",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        let text = String(decoding: try await list.bytes(limit: PostgresExamine.contentsLimit), as: UTF8.self)
        guard text.isEmpty || text.hasSuffix("\n") else { throw damaged("its last line is cut off") }
        return try text.split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, UInt32(words[0]) != nil else { throw damaged("it has a line that names no large object") }
            return (words[0], words[1])
        }
    }
}
