import Bindings
import Recovery

/// What values of PostgreSQL are equal to what a document expects, by the column's type.
struct PostgresSampleReader: SampleReader {
    private let connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    func holds(_ expected: SampleQuery.Value, _ cell: SampleCell, _ tolerance: SampleQuery.Tolerance) async throws -> Bool {
        let type = cell.type
        guard let actual = cell.text else { return expected == .null }
        guard let text = expected.text else { return false }
        if PostgresType.floats.contains(type) { return tolerance.isNear(text, actual) || isSameFloat(text, actual, type) }
        if PostgresType.integers.contains(type) || type == PostgresType.numeric {
            if let a = ExactNumber(text), let b = ExactNumber(actual), a == b { return true }
            return tolerance.isNear(text, actual) || text == actual
        }
        if type == PostgresType.boolean {
            return actual == (expected == .flag(true) || text == "true" || text == "t" ? "t" : "f") && isFlag(text)
        }
        if text == actual { return true }
        return PostgresType.texts.contains(type) ? false : try await isSameToServer(text, actual, type)
    }

    private func isFlag(_ text: String) -> Bool { ["true", "false", "t", "f"].contains(text) }

    /// `NaN` is never near, and equal to itself by its text.
    private func isSameFloat(_ a: String, _ b: String, _ type: UInt32) -> Bool {
        if a == b { return true }
        guard let first = Double(a), let second = Double(b) else { return false }
        return type == 700 ? Float(first) == Float(second) : first == second
    }

    /// Times in another zone, JSON with other spaces, vectors, arrays: what a type takes for equal, only the server knows.
    private func isSameToServer(_ a: String, _ b: String, _ type: UInt32) async throws -> Bool {
        do {
            try await connection.query("SAVEPOINT comparison")
            let name = try await connection.query("SELECT format_type($1::oid, NULL)", [.text("\(type)")]).rows.first?.first ?? nil
            let answer = try await connection.query(
                "SELECT $1::\(name ?? "text") = $2::\(name ?? "text")", [.text(a), .text(b)], deadline: .seconds(30))
            return answer.rows.first?.first == "t"
        } catch let error as PostgresError where error.kind == .queryFailed {
            // What cannot be read as the type, or has no equality (json), is not equal.
            try await connection.query("ROLLBACK TO SAVEPOINT comparison")
            return false
        }
    }

    /// The server knows its zones, and how its own types are written.
    func time(_ cell: SampleCell, _ context: SampleContext) async throws -> Timestamp? {
        guard let value = cell.text else { return nil }
        let withoutZone: Set<UInt32> = [PostgresType.timestamp, PostgresType.date]
        let moment = withoutZone.contains(cell.type) ? "$1::timestamp AT TIME ZONE $2" : "$1::timestamptz"
        let parameters = [PostgresParameter.text(value)] + (withoutZone.contains(cell.type) ? [.text(context.zone)] : [])
        do {
            let answer = try await connection.query(
                "SELECT round(extract(epoch FROM \(moment)) * 1000)::bigint", parameters, deadline: .seconds(30))
            return (answer.rows.first?.first ?? nil).flatMap { Int64($0) }.map(Timestamp.init(millisecondsSince1970:))
        } catch let error as PostgresError where error.kind == .queryFailed {
            return nil
        }
    }
}

extension SampleCell {
    /// By the number of a column's type.
    init(_ text: String?, type: UInt32) {
        let isNumber = PostgresType.integers.contains(type) || PostgresType.floats.contains(type) || type == PostgresType.numeric
        let kind: Kind =
            isNumber ? .number : type == PostgresType.boolean ? .flag : PostgresType.texts.contains(type) ? .text : .other
        self.init(text: text, kind: kind, type: type)
    }
}

/// The types that are judged by what they mean, by their numbers in `pg_type`, which never change.
enum PostgresType {
    static let boolean: UInt32 = 16
    static let integers: Set<UInt32> = [20, 21, 23, 26]
    static let numeric: UInt32 = 1700
    static let floats: Set<UInt32> = [700, 701]
    static let texts: Set<UInt32> = [18, 19, 25, 1042, 1043, 705]
    static let date: UInt32 = 1082
    static let timestamp: UInt32 = 1114
}
