import Bindings
import Recovery

/// What in a restored database depends on data of other servers, and would fetch it when it is filled or analysed.
struct ForeignData: Sendable {
    struct Relation: Sendable, Equatable {
        let schema: String
        let name: String
        let owner: String
        /// As the server quotes it, with its schema.
        let quotedName: String
    }

    /// Materialised views over foreign tables, or over functions that reach out.
    let materializedViews: [Relation]
    /// Partitioned and inherited tables with foreign tables below them: analysing them samples those.
    let parents: [Relation]

    /// Throws `Failure`.
    static func read(from target: PostgresTarget, database: String) async throws -> ForeignData {
        let session = try await target.readable.session(in: database)
        return try await attempt("look for foreign data in database '\(database)' on \(target.server.words)") {
            let answer = try await session.ask(
                """
                WITH RECURSIVE above(parent, child) AS (
                    SELECT r.ev_class, d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
                    UNION SELECT inhparent, inhrelid FROM pg_inherits
                ), far(oid) AS (
                    SELECT oid FROM pg_class WHERE relkind = 'f'
                    UNION
                    SELECT r.ev_class FROM pg_rewrite r
                    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_proc'::regclass
                    JOIN pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = d.refobjid AND e.deptype = 'e'
                    JOIN pg_extension x ON e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid
                    WHERE x.extname IN ('dblink', 'http', 'pg_net', 'postgres_fdw', 'pg_curl')
                    UNION
                    SELECT a.parent FROM above a JOIN far ON far.oid = a.child
                )
                SELECT c.relkind, n.nspname, c.relname, pg_get_userbyid(c.relowner),
                       quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                FROM far JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('m', 'p', 'r') ORDER BY 2, 3
                """)
            let relations = answer.rows.map { row in
                (row[0] ?? "", Relation(schema: row[1] ?? "", name: row[2] ?? "", owner: row[3] ?? "", quotedName: row[4] ?? ""))
            }
            return ForeignData(
                materializedViews: relations.filter { $0.0 == "m" }.map(\.1), parents: relations.filter { $0.0 != "m" }.map(\.1))
        }
    }

    /// Whether the entry of a dump fills one of these views.
    func isFilled(by entry: DumpList.Entry) -> Bool {
        guard entry.type == "MATERIALIZED VIEW DATA" else { return false }
        return materializedViews.contains { view in
            // pg_restore writes line breaks in names as spaces.
            let words = "\(view.schema) \(view.name) ".map { $0.isNewline ? " " : $0 }
            return entry.rest.hasPrefix(String(words))
        }
    }
}
