import Bindings
import Recovery
import Synchronization

/// Counts every row of every table and materialised view, never an estimate, over several connections that see one snapshot.
enum ExactCounts {
    /// The items with their counts, and fingerprints where they are asked for.
    /// - Parameter connections: at least one, each in a transaction of the same snapshot.
    static func add(
        to items: [InventoryItem], fingerprints: Fingerprints, over connections: [PostgresConnection],
        say: @escaping @Sendable (String) -> Void
    ) async throws -> [InventoryItem] {
        let columns = Dictionary(grouping: items.filter { $0.kind == "column" && fingerprints.includes($0.name) }) { $0.facts["on"] ?? "" }
        let isStandby = items.isOfStandby
        let tasks = items.filter { $0.isCounted && !(isStandby && $0.facts["persistence"] == "unlogged") }.sorted { $0.bytes > $1.bytes }
            .map { item in
                Count(item: item, columns: columns[item.name] ?? [], wholeRows: fingerprints.includes(item.name))
            }
        let left = Left(tasks)
        let found = try await withThrowingTaskGroup(of: [Found].self) { group in
            for connection in connections {
                group.addTask {
                    var found: [Found] = []
                    while let task = left.next() {
                        say("counting \(task.item.kind) \(task.item.name)")
                        found += try await task.run(on: connection)
                    }
                    return found
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let byName = Dictionary(found.map { (Key(kind: $0.kind, name: $0.name), $0) }) { $1 }
        return items.map { item in
            guard let found = byName[Key(kind: item.kind, name: item.name)] else { return item }
            var facts = item.facts
            facts[Fingerprints.fact] = found.fingerprint
            return InventoryItem(kind: item.kind, name: item.name, count: found.count ?? item.count, facts: facts)
        }
    }

    /// What nobody counts yet; whoever is free takes the largest.
    private final class Left: Sendable {
        private let tasks: Mutex<ArraySlice<Count>>

        init(_ tasks: [Count]) { self.tasks = Mutex(tasks[...]) }

        func next() -> Count? { tasks.withLock { $0.popFirst() } }
    }

    private struct Key: Hashable {
        let kind: String
        let name: String
    }

    private struct Found: Sendable {
        let kind: String
        let name: String
        let count: Int64?
        let fingerprint: String?
    }

    /// One pass over one table.
    private struct Count: Sendable {
        let item: InventoryItem
        let columns: [InventoryItem]
        let wholeRows: Bool

        func run(on connection: PostgresConnection) async throws -> [Found] {
            var results = ["count(*)"]
            if wholeRows { results.append(Fingerprints.aggregate("(\(alias).*)::text")) }
            for column in columns {
                guard let name = PostgresName.parts(column.name).last else { continue }
                results.append(Fingerprints.aggregate("\(alias).\(try quoteIdentifier(name))::text"))
            }
            let sql = "SELECT \(results.joined(separator: ", ")) FROM ONLY \(item.name) AS \(alias) \(item.facts["condition"] ?? "")"
            let answer: PostgresRows
            do { answer = try await connection.query(sql) } catch let error as PostgresError {
                if error.kind == .cancelled { throw CancellationError() }
                throw failure(error)
            }
            guard let row = answer.rows.first, row.count == results.count, let count = row[0].flatMap({ Int64($0) }) else {
                throw Failure(.engine, "cannot count \(item.kind) \(item.name): the server gave no number")
            }
            var rest = row.dropFirst()
            var found = [Found(kind: item.kind, name: item.name, count: count, fingerprint: wholeRows ? rest.popFirst() ?? nil : nil)]
            for (column, value) in zip(columns, rest) {
                found.append(Found(kind: column.kind, name: column.name, count: nil, fingerprint: value))
            }
            return found
        }

        private func failure(_ error: PostgresError) -> Failure {
            let attempt = "count \(item.kind) \(item.name)"
            guard error.sqlState == "42501", error.message.contains("row-level security") else { return Failure(error, cannot: attempt) }
            return Failure(
                .engine, "cannot \(attempt): row-level security would hide rows from this user",
                hint: "give the user BYPASSRLS; a count that is short proves nothing", cause: error)
        }

        private var alias: String { "\"lifeboat counts\"" }
    }
}

extension InventoryItem {
    /// Whether it has rows of its own that can be counted here: not a partitioned table (its partitions are), not a foreign one.
    var isCounted: Bool {
        switch kind {
        case "table": facts["form"] == "ordinary"
        case "materialized view": facts["populated"] == "yes"
        case "configuration table": true
        default: false
        }
    }

    var bytes: Int64 { facts["bytes"].flatMap { Int64($0) } ?? 0 }
}
