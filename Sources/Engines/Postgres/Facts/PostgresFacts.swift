import Bindings
import Recovery

/// Everything about one database that can be compared with another: what an inventory holds and a verification reads again.
///
/// Two databases have equal facts when one was restored from a dump of the other, whatever major version wrote or read it: names are
/// qualified and quoted by the server, owners and grantees are names, nothing is an oid, and what a server writes differently the second
/// time is brought into one form. What belongs to an extension is the extension's, except rows that it marks as the user's.
package enum PostgresFacts {
    /// Reads everything in the snapshot's state. Counts run over `counters` in parallel, which join the snapshot and are given back
    /// outside of any transaction; without counters the snapshot's own connection counts.
    ///
    /// Throws `Failure`: `.engine` that names the table when one may not be read or row-level security would hide rows, `.unreachable` when a
    /// connection is lost.
    /// - Parameter limit: for each question to the catalog; counts take as long as they take.
    package static func read(
        _ snapshot: PostgresSnapshot, counters: [PostgresConnection] = [], fingerprints: Fingerprints = .none,
        limit: Duration? = .seconds(120),
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> [InventoryItem] {
        try await counted(
            try await catalog(snapshot.connection, limit: limit), snapshot, counters: counters, fingerprints: fingerprints, limit: limit,
            say: say)
    }

    /// The items of a catalog with their counts and fingerprints.
    static func counted(
        _ items: [InventoryItem], _ snapshot: PostgresSnapshot, counters: [PostgresConnection], fingerprints: Fingerprints,
        limit: Duration? = .seconds(120), say: @escaping @Sendable (String) -> Void
    ) async throws -> [InventoryItem] {
        guard !counters.isEmpty else {
            return try await ExactCounts.add(to: items, fingerprints: fingerprints, over: [snapshot.connection], say: say)
        }
        let counted: Result<[InventoryItem], any Error>
        do {
            for counter in counters { try await snapshot.join(counter, deadline: limit) }
            counted = .success(try await ExactCounts.add(to: items, fingerprints: fingerprints, over: counters, say: say))
        } catch {
            counted = .failure(error)
        }
        await uncancelled { for counter in counters { await PostgresSnapshot.end(on: counter) } }
        return try counted.get()
    }

    /// Everything but the counts, on a connection inside a `PostgresSnapshot`.
    package static func catalog(_ connection: PostgresConnection, limit: Duration? = .seconds(120)) async throws -> [InventoryItem] {
        guard await connection.serverVersion >= oldestServer else {
            throw Failure(
                .unfit,
                "the server is PostgreSQL \(await connection.parameterStatus("server_version") ?? "of an unknown version"); the oldest one supported is 13",
                hint: "upgrade the server first: versions this old get no security fixes either")
        }
        var items: [InventoryItem] = []
        for query in queries {
            var found = try await query.items(from: connection, deadline: limit)
            // pg_dump reads them later, so that what a restore has is never behind what is written down here.
            if query.kind == "sequence" { found = try await SequenceValues.add(to: found, from: connection, deadline: limit) }
            if query.kind == "server" { found = try await withSystemIdentifier(found, connection, limit) }
            items += found
        }
        return try await items + LargeObjects.item(from: connection, deadline: limit)
    }

    private static let oldestServer = 130000

    private static let queries =
        DatabaseQueries.all + RoleQueries.all + TableQueries.all + [configurationTables] + CodeQueries.all + OutsideQueries.all

    /// Tables of extensions in which rows are the user's: a dump has those rows.
    private static let configurationTables = FactQuery(
        "configuration table",
        """
        SELECT \(FactSQL.qualified("n.nspname", "c.relname")) AS name, quote_ident(e.extname) AS extension, nullif(config.condition, '') AS condition
        FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) AS config(relation, condition)
             JOIN pg_class c ON c.oid = config.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r'
        """)

    private static func withSystemIdentifier(
        _ items: [InventoryItem], _ connection: PostgresConnection, _ limit: Duration?
    ) async throws -> [InventoryItem] {
        try await attempt("read the server's identity") {
            let may = try await connection.query(DatabaseQueries.mayReadSystemIdentifier, deadline: limit)
            guard may.rows.first?.first == "t", let server = items.first else { return items }
            var facts = server.facts
            facts["system identifier"] =
                try await connection.query(DatabaseQueries.systemIdentifier, deadline: limit).rows.first?.first ?? nil
            return [InventoryItem(kind: server.kind, name: server.name, facts: facts)]
        }
    }
}
