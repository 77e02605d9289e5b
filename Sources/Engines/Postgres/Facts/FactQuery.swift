import Bindings
import FoundationEssentials
import Recovery

/// One question to the catalog, whose rows become items of the inventory.
///
/// The column `name` becomes the item's name, `kind` replaces the query's, `grants` (a JSON object of role and privileges) becomes one
/// fact per role; every other column is a fact by its own name. NULL is no fact, booleans are `yes` and `no`.
struct FactQuery: Sendable {
    let kind: String
    let sql: String
    /// The servers it is for, as they report their versions: 150000 for 15.
    let versions: Range<Int>

    init(_ kind: String, since: Int = 0, below: Int = .max, _ sql: String) {
        self.kind = kind
        self.sql = sql
        versions = since..<below
    }

    func items(from connection: PostgresConnection, deadline: Duration?) async throws -> [InventoryItem] {
        guard await versions.contains(connection.serverVersion) else { return [] }
        let answer = try await attempt("read the catalog of each \(kind)") { try await connection.query(sql, deadline: deadline) }
        return try answer.rows.map { try item($0, answer.columns) }
    }

    private func item(_ row: PostgresRow, _ columns: [PostgresRows.Column]) throws -> InventoryItem {
        var kind = kind
        var name = ""
        var facts: [String: String] = [:]
        for (column, value) in zip(columns, row) {
            guard let value else { continue }
            switch column.name {
            case "name": name = value
            case "kind": kind = value
            case "grants": facts.merge(try Self.grants(value)) { $1 }
            default: facts[column.name] = column.type == Self.boolean ? (value == "t" ? "yes" : "no") : value
            }
        }
        for key in Self.deparsed { facts[key] = facts[key].map(DefinitionText.normalized) }
        return InventoryItem(kind: kind, name: name, facts: facts)
    }

    private static func grants(_ json: String) throws -> [String: String] {
        let grants = try CanonicalJSON.decode([String: String].self, from: Array(json.utf8))
        return Dictionary(uniqueKeysWithValues: grants.map { (Fact.grant(to: $0), $1) })
    }

    /// The names of facts that more than one file speaks of.
    enum Fact {
        static let owner = "owner"
        static let grantPrefix = "grant to "
        static func grant(to role: String) -> String { grantPrefix + role }
    }

    private static let boolean: UInt32 = 16
    /// Facts that the server writes from its own trees, and not always the same way twice.
    private static let deparsed = ["definition", "default", "generated", "using", "with check", "where", "sql body"]
}
