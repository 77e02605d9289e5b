import Recovery

/// Reads every file of a dump to its end, counting rows and bytes.
enum DumpRows {
    private enum Counted: Sendable {
        case rows(schema: String, name: String, CopyRows, DumpPart)
        case bytes(Int64)
        case nothing
    }

    static func checks(_ files: DumpFiles, _ inventory: [InventoryItem], say: @Sendable @escaping (String) -> Void) async throws
        -> [CheckResult]
    {
        var rows: [[String]: Int64] = [:]
        var objects: Int64 = 0
        var bytes: Int64 = 0
        try await withThrowingTaskGroup(of: Counted.self) { group in
            var rest = files.files[...]
            for _ in 0..<width {
                if let (part, use) = rest.popFirst() { group.addTask { try await count(part, use, say) } }
            }
            while let counted = try await group.next() {
                switch counted {
                case .rows(let schema, let name, let copy, let part):
                    guard copy.isWhole else { throw cutOff(part, copy) }
                    rows[[schema, name]] = copy.rows
                case .bytes(let size):
                    objects += 1
                    bytes += size
                case .nothing: break
                }
                if let (part, use) = rest.popFirst() { group.addTask { try await count(part, use, say) } }
            }
        }
        return tables(rows, inventory) + largeObjects(objects, bytes, inventory)
    }

    /// Files at a time: unpacking keeps a processor busy.
    private static let width = 2

    private static func count(_ part: DumpPart, _ use: DumpFiles.Use, _ say: @Sendable (String) -> Void) async throws -> Counted {
        switch use {
        case .contents, .list: return .nothing
        case .table(let schema, let name):
            say("counting the rows in \(part.artifact.key) (\(schema).\(name))")
            return .rows(schema: schema, name: name, try await part.read(CopyRows()) { $0.take($1) }, part)
        case .largeObject: return .bytes(try await part.read(Int64(0)) { $0 += Int64($1.count) })
        }
    }

    private static func cutOff(_ part: DumpPart, _ copy: CopyRows) -> Failure {
        Failure(
            .damaged,
            "part \(part.artifact.key) of backup \(part.backup.manifest.id) is damaged: "
                + (copy.hasForeignBytes
                    ? "something follows the end of its rows" : "it ends after \(copy.rows) rows, without the mark of their end"),
            hint: "choose another backup; `lifeboat backups list` shows them")
    }

    private static func tables(_ rows: [[String]: Int64], _ inventory: [InventoryItem]) -> [CheckResult] {
        inventory.compactMap { item in
            guard let count = item.count, item.kind == "table" || item.kind == "configuration table" else { return nil }
            guard let found = rows[PostgresName.parts(item.name)] else {
                return CheckResult(item.subject, "rows in the dump", expected: "\(count)", actual: "no data", verdict: .differed)
            }
            return CheckResult(item.subject, "rows in the dump", expected: count, actual: found)
        }
    }

    private static func largeObjects(_ objects: Int64, _ bytes: Int64, _ inventory: [InventoryItem]) -> [CheckResult] {
        let item = inventory.first { $0.kind == "large objects" }
        guard objects > 0 || item != nil else { return [] }
        var checks = [CheckResult("large objects", "number in the dump", expected: item?.count ?? 0, actual: objects)]
        if let expected = item?.facts["bytes"].flatMap({ Int64($0) }) {
            checks.append(CheckResult("large objects", "bytes in the dump", expected: expected, actual: bytes))
        }
        return checks
    }
}
