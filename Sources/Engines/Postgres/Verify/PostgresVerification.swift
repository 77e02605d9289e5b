import Bindings
import Recovery

/// Holds a live database against the inventory of the backup that it was restored from.
package enum PostgresVerification {
    package struct Outcome: Sendable {
        package let checks: [CheckResult]
        package let notExercised: [NotExercised]
    }

    /// Reads the database with the reader that made the inventory, counts and fingerprints included, and compares everything.
    ///
    /// Throws `Failure` when it cannot be read whole: a comparison of half a database would prove nothing.
    /// - Parameters:
    ///   - connection: to the restored database; in no transaction, and given back in none.
    ///   - counters: further connections to it that count in parallel; none: the first one counts.
    package static func verify(
        _ inventory: [InventoryItem], against connection: PostgresConnection, counters: [PostgresConnection] = [],
        options: VerificationOptions = VerificationOptions(), say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Outcome {
        let live: Result<Live, any Error>
        do { live = .success(try await read(connection, counters, like: inventory, say)) } catch { live = .failure(error) }
        await uncancelled { await PostgresSnapshot.end(on: connection) }
        let found = try live.get()
        return compare(inventory, with: found.items, liveRoles: found.roles, options: options)
    }

    /// The comparison alone.
    /// - Parameter liveRoles: all roles of the live server, quoted as the server does.
    package static func compare(
        _ inventory: [InventoryItem], with live: [InventoryItem], liveRoles: Set<String>,
        options: VerificationOptions = VerificationOptions()
    ) -> Outcome {
        let comparison = Comparison(expected: inventory, actual: live, liveRoles: liveRoles, options: options)
        return Outcome(checks: comparison.checks, notExercised: comparison.notExercised)
    }

    private struct Live: Sendable {
        let items: [InventoryItem]
        let roles: Set<String>
    }

    private static func read(
        _ connection: PostgresConnection, _ counters: [PostgresConnection], like inventory: [InventoryItem],
        _ say: @escaping @Sendable (String) -> Void
    ) async throws -> Live {
        let snapshot = try await PostgresSnapshot.begin(on: connection)
        var items = try await PostgresFacts.read(snapshot, counters: counters, fingerprints: Fingerprints(of: inventory), say: say)
        items = try await withQueriesCounted(items, where: inventory, connection)
        let roles = try await attempt("list the roles of the server") {
            try await connection.ask("SELECT quote_ident(rolname) FROM pg_roles")
        }
        return Live(items: items, roles: Set(roles.rows.compactMap { $0.first ?? nil }))
    }

    /// Counts what the queries of materialised views give, for those that have another number of rows than the backup's.
    private static func withQueriesCounted(
        _ items: [InventoryItem], where inventory: [InventoryItem], _ connection: PostgresConnection
    ) async throws -> [InventoryItem] {
        let before = Dictionary(inventory.filter { $0.kind == "materialized view" }.map { ($0.name, $0.count) }) { $1 }
        var counted: [InventoryItem] = []
        for item in items {
            guard item.kind == "materialized view", let count = item.count, let expected = before[item.name], let expected,
                expected != count,
                let definition = item.facts["definition"]
            else {
                counted.append(item)
                continue
            }
            let query = String(definition.reversed().drop { $0 == ";" || $0.isWhitespace }.reversed())
            let answer = try await attempt("count what the query of materialized view \(item.name) gives") {
                try await connection.query("SELECT count(*) FROM (\(query)) AS rows")
            }
            var facts = item.facts
            facts[ComparedFacts.queryRows] = answer.rows.first?.first ?? nil
            counted.append(InventoryItem(kind: item.kind, name: item.name, count: count, facts: facts))
        }
        return counted
    }
}
