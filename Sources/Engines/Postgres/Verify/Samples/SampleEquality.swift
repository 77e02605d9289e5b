import Bindings
import Recovery

/// Whether a value of the server is the one that a document expects, by the column's type.
struct SampleEquality {
    private let tolerance: SampleQuery.Tolerance
    private let connection: PostgresConnection

    init(_ tolerance: SampleQuery.Tolerance, _ connection: PostgresConnection) {
        self.tolerance = tolerance
        self.connection = connection
    }

    func holds(_ expected: SampleQuery.Value, _ actual: String?, type: UInt32) async throws -> Bool {
        guard let actual else { return expected == .null }
        guard let text = expected.text else { return false }
        if PostgresType.floats.contains(type) { return isNear(text, actual) || isSameFloat(text, actual, type) }
        if PostgresType.integers.contains(type) || type == PostgresType.numeric {
            if let a = ExactNumber(text), let b = ExactNumber(actual), a == b { return true }
            return isNear(text, actual) || text == actual
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

    private func isNear(_ expected: String, _ actual: String) -> Bool {
        guard let wanted = Double(expected), let found = Double(actual) else { return false }
        switch tolerance {
        case .exact: return false
        case .plusMinus(let amount): return abs(found - wanted) <= amount
        case .percent(let percent): return abs(found - wanted) <= abs(wanted) * percent / 100
        }
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
}

extension SampleQuery.Value {
    var text: String? {
        switch self {
        case .null: nil
        case .text(let text), .number(let text): text
        case .integer(let number): "\(number)"
        case .flag(let flag): flag ? "true" : "false"
        }
    }
}

extension SampleQuery.Answer {
    /// As rows of the shape that the answer has.
    func rows(like answer: SampleRows) -> [[SampleQuery.Value]] {
        switch self {
        case .value(let value): [[value]]
        case .rows(let rows): rows
        case .list(let values): answer.columns.count == 1 ? values.map { [$0] } : [values]
        }
    }
}
