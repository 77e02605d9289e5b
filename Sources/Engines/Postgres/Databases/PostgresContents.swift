import Bindings

/// What people have put into a database, counted. A database fresh from `template0` has none of it.
package struct PostgresContents: Sendable, Equatable {
    /// Tables, partitioned ones included, without those of extensions.
    package let tables: Int64
    /// Everything else that somebody created: views, sequences, types, functions, schemas, extensions, large objects, …
    package let others: Int64

    package var isEmpty: Bool { tables == 0 && others == 0 }

    /// `12 tables and 40 other objects`.
    package var words: String {
        let tableWords = tables == 1 ? "1 table" : "\(tables) tables"
        let otherWords = others == 1 ? "1 other object" : "\(others) other objects"
        return switch (tables, others) {
        case (_, 0): tableWords
        case (0, _): otherWords
        default: "\(tableWords) and \(otherWords)"
        }
    }

    /// Throws `PostgresError`.
    static func read(through session: PostgresConnection) async throws -> PostgresContents {
        // The server gives what it makes itself numbers below 16384 (FirstNormalObjectId), in every database.
        let answer = try await session.ask(
            """
            SELECT (SELECT count(*) FROM pg_class c WHERE c.oid >= 16384 AND relkind IN ('r', 'p') AND relpersistence <> 't'
                      AND NOT EXISTS (SELECT FROM pg_depend e
                                      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')),
                   (SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relkind NOT IN ('r', 'p', 'i', 'I', 't') AND relpersistence <> 't')
                 + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
                 + (SELECT count(*) FROM pg_type WHERE oid >= 16384 AND typrelid = 0 AND typelem = 0)
                 + (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(toast_)?temp_')
                 + (SELECT count(*) FROM pg_extension WHERE oid >= 16384)
                 + (SELECT count(*) FROM pg_operator WHERE oid >= 16384)
                 + (SELECT count(*) FROM pg_collation WHERE oid >= 16384)
                 + (SELECT count(*) FROM pg_largeobject_metadata)
                 + (SELECT count(*) FROM pg_foreign_data_wrapper WHERE oid >= 16384)
                 + (SELECT count(*) FROM pg_event_trigger)
                 + (SELECT count(*) FROM pg_publication)
                 + (SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """)
        let row = answer.rows.first ?? []
        func number(_ column: Int) -> Int64 { column < row.count ? row[column].flatMap { Int64($0) } ?? 0 : 0 }
        return PostgresContents(tables: number(0), others: number(1))
    }
}
