import Recovery

/// Holds the table of contents of a dump against the inventory: everything that was there has to be in it.
enum DumpObjects {
    static func checks(_ contents: DumpContents, _ inventory: [InventoryItem]) -> [CheckResult] {
        let database = inventory.first { $0.kind == "database" }
        // Names in other encodings come as other bytes; what is not ASCII in them is then not compared.
        let isExact = database?.facts["encoding"] == "UTF8"
        func comparable(_ entry: ExpectedEntry) -> ExpectedEntry {
            isExact ? entry : ExpectedEntry(type: entry.type, schema: entry.schema.map(withoutOthers), tag: withoutOthers(entry.tag))
        }
        let present = Set(contents.entries.map { comparable(ExpectedEntry(type: $0.type, schema: $0.schema, tag: $0.tag)) })
        let rules = ExpectedEntries(of: inventory)
        var checks: [CheckResult] = []
        if let server = inventory.first(where: { $0.kind == "server" })?.facts["version"] {
            checks.append(CheckResult("dump", "server version", expected: server, actual: contents.header.serverVersion ?? "unknown"))
        }
        var found: [String: Int] = [:]
        var expectedData: Set<ExpectedEntry> = []
        for item in inventory {
            for entry in rules.entries(for: item).map(comparable) {
                if entry.type == "TABLE DATA" { expectedData.insert(entry) }
                if present.contains(entry) {
                    found[entry.type, default: 0] += 1
                } else {
                    checks.append(CheckResult(item.subject, "entry \(entry.type) in the dump", expected: "present", actual: "missing"))
                }
            }
        }
        for entry in present where entry.type == "TABLE DATA" && !expectedData.contains(entry) {
            checks.append(
                CheckResult(
                    "table \(entry.schema ?? "").\(entry.tag)", "entry TABLE DATA in the dump", expected: "absent", actual: "present"))
        }
        for (type, count) in found.sorted(by: { $0.key < $1.key }) {
            checks.append(CheckResult("dump", "entries \(type)", expected: count, actual: count, compared: count))
        }
        return checks
    }

    /// Each run of other characters as one mark.
    private static func withoutOthers(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            if scalar.isASCII { result.unicodeScalars.append(scalar) } else if result.last != "\u{fffd}" { result.append("\u{fffd}") }
        }
        return result
    }
}
