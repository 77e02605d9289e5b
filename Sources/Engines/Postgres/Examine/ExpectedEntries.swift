import Recovery

/// What a dump has to hold for an object of the inventory.
struct ExpectedEntry: Hashable {
    let type: String
    let schema: String?
    let tag: String
}

/// The entries that pg_dump writes for each kind of object. Checks of tables and domains stand in their statements and have none.
struct ExpectedEntries {
    /// Tables that are partitions: their triggers may be their parent's.
    private let partitions: Set<String>
    /// Primary keys and the like make their index themselves.
    private let keys: Set<String>

    init(of inventory: [InventoryItem]) {
        partitions = Set(inventory.filter { $0.facts["partition bound"] != nil }.map(\.name))
        keys = Set(inventory.filter { $0.kind == "constraint" && Self.isKey($0) }.map(\.name))
    }

    /// All of these have to be there.
    func entries(for item: InventoryItem) -> [ExpectedEntry] {
        let parts = PostgresName.parts(item.name)
        let name = parts.last ?? item.name
        let schema = parts.count > 1 ? parts[0] : nil
        func entry(_ type: String) -> ExpectedEntry { ExpectedEntry(type: type, schema: schema, tag: name) }
        switch item.kind {
        // Without a count there is no data either: partitions have it, or a standby lacks it.
        case "table": return [entry("TABLE")] + (item.count == nil ? [] : [entry("TABLE DATA")])
        case "configuration table": return [entry("TABLE DATA")]
        case "view": return [entry("VIEW")]
        case "materialized view":
            return [entry("MATERIALIZED VIEW")] + (item.facts["populated"] == "yes" ? [entry("MATERIALIZED VIEW DATA")] : [])
        case "foreign table": return [entry("FOREIGN TABLE")]
        case "sequence": return [entry("SEQUENCE"), entry("SEQUENCE SET")]
        case "index": return index(item, schema, name)
        case "constraint": return constraint(item)
        case "trigger": return item.parent.map(partitions.contains) ?? false ? [] : ofTable(item, "TRIGGER")
        case "policy": return ofTable(item, "POLICY")
        case "rule": return ofTable(item, "RULE")
        case "function": return function(item, schema)
        case "type": return [entry(item.facts["form"] == "domain" ? "DOMAIN" : "TYPE")]
        case "statistics": return [entry("STATISTICS")]
        // Every database begins with these.
        case "schema": return name == "public" ? [] : [ExpectedEntry(type: "SCHEMA", schema: nil, tag: name)]
        case "extension": return name == "plpgsql" ? [] : [ExpectedEntry(type: "EXTENSION", schema: nil, tag: name)]
        case "publication": return [ExpectedEntry(type: "PUBLICATION", schema: nil, tag: name)]
        case "event trigger": return [ExpectedEntry(type: "EVENT TRIGGER", schema: nil, tag: name)]
        case "foreign server": return [ExpectedEntry(type: "SERVER", schema: nil, tag: name)]
        case "foreign data wrapper": return [ExpectedEntry(type: "FOREIGN DATA WRAPPER", schema: nil, tag: name)]
        default: return []
        }
    }

    private static func isKey(_ constraint: InventoryItem) -> Bool {
        ["primary key", "unique", "exclusion"].contains(constraint.facts["type"])
    }

    private func index(_ item: InventoryItem, _ schema: String?, _ name: String) -> [ExpectedEntry] {
        guard item.facts["valid"] != "no", let table = item.facts["on"] else { return [] }
        let quoted = PostgresName.last(item.name)
        if keys.contains("\(quoted) on \(table)") { return [] }
        return [ExpectedEntry(type: "INDEX", schema: schema, tag: name)]
    }

    private func constraint(_ item: InventoryItem) -> [ExpectedEntry] {
        if Self.isKey(item) { return ofTable(item, "CONSTRAINT") }
        return item.facts["type"] == "foreign key" ? ofTable(item, "FK CONSTRAINT") : []
    }

    /// Tagged with the table's name and their own.
    private func ofTable(_ item: InventoryItem, _ type: String) -> [ExpectedEntry] {
        guard let table = item.parent else { return [] }
        let parts = PostgresName.parts(table)
        let own = PostgresName.parts(String(item.name.dropLast(" on ".count + table.count))).joined(separator: ".")
        return [ExpectedEntry(type: type, schema: parts.first, tag: "\(parts.last ?? "") \(own)")]
    }

    private func function(_ item: InventoryItem, _ schema: String?) -> [ExpectedEntry] {
        let type = item.facts["form"] == "procedure" ? "PROCEDURE" : item.facts["form"] == "aggregate" ? "AGGREGATE" : "FUNCTION"
        guard let signature = PostgresName.signature(item.name) else { return [] }
        let arguments = type == "AGGREGATE" && signature.arguments.isEmpty ? "*" : signature.arguments
        let parts = PostgresName.parts(signature.name)
        return [ExpectedEntry(type: type, schema: parts.first, tag: "\(parts.last ?? "")(\(arguments))")]
    }
}
