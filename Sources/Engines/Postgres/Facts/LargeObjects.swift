import Bindings
import Recovery

/// Large objects as one item: how many, which, how big, whose.
enum LargeObjects {
    static func item(from connection: PostgresConnection, deadline: Duration?) async throws -> [InventoryItem] {
        try await attempt("read the large objects") {
            let objects = try await connection.query(ids, deadline: deadline)
            guard let row = objects.rows.first, let count = row[0].flatMap({ Int64($0) }), count > 0 else { return [] }
            var facts = ["ids hash": row[1] ?? "", "owners and grants hash": row[2] ?? ""]
            let mayRead = try await connection.query(
                "SELECT has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')", deadline: deadline)
            if mayRead.rows.first?.first == "t" {
                facts["bytes"] = try await connection.query(bytes, deadline: deadline).rows.first?.first ?? nil
            }
            return [InventoryItem(kind: "large objects", name: "all", count: count, facts: facts)]
        }
    }

    private static let ids = """
        SELECT count(*), \(FactSQL.hash("string_agg(oid::text, ',' ORDER BY oid)")),
               \(FactSQL.hash("string_agg(owner || ':' || coalesce(grants::text, ''), ',' ORDER BY oid)"))
        FROM (SELECT l.oid, \(FactSQL.role("l.lomowner")) AS owner, \(FactSQL.grants("l.lomacl", type: "L", owner: "l.lomowner")) AS grants
              FROM pg_largeobject_metadata l) AS objects
        """
    /// Holes count: a restore fills them.
    private static let bytes = """
        SELECT coalesce(sum(bytes), 0)::text
        FROM (SELECT max(pageno::bigint * 2048 + length(data)) AS bytes FROM pg_largeobject GROUP BY loid) AS objects
        """
}
