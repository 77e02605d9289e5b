import Bindings
import Recovery

/// Where sequences stand. They are not transactional: what is read is the moment's value, never behind the snapshot's rows.
enum SequenceValues {
    /// The facts `last value` and `called` added to each sequence.
    static func add(to items: [InventoryItem], from connection: PostgresConnection, deadline: Duration?) async throws -> [InventoryItem] {
        var values: [String: [String: String]] = [:]
        let names = items.map(\.name)
        for start in stride(from: 0, to: names.count, by: batch) {
            let selects = try names[start..<min(start + batch, names.count)].map {
                "SELECT \(try quoteLiteral($0)), last_value, is_called FROM \($0)"
            }
            let answer = try await attempt("read where the sequences stand") {
                try await connection.query(selects.joined(separator: " UNION ALL "), deadline: deadline)
            }
            for row in answer.rows {
                guard row.count == 3, let name = row[0], let last = row[1] else { continue }
                values[name] = ["last value": last, "called": row[2] == "t" ? "yes" : "no"]
            }
        }
        return items.map { item in
            InventoryItem(kind: item.kind, name: item.name, count: item.count, facts: item.facts.merging(values[item.name] ?? [:]) { $1 })
        }
    }

    private static let batch = 200
}
