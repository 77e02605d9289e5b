import Recovery

/// What a server answered to a sample query.
struct SampleRows: Sendable {
    /// How many values a row has.
    let columns: Int
    /// The first of them.
    let rows: [[SampleCell]]
    let count: Int64
}

/// One value of an answer.
struct SampleCell: Sendable {
    /// What kind of thing the server says that it is.
    enum Kind: Sendable { case number, flag, text, other }

    /// Nil: nothing, as in NULL.
    let text: String?
    let kind: Kind
    /// The engine's own number of the type, where it has one.
    var type: UInt32 = 0
}

/// What only an engine knows of the values that its server answers.
protocol SampleReader: Sendable {
    func holds(_ expected: SampleQuery.Value, _ actual: SampleCell, _ tolerance: SampleQuery.Tolerance) async throws -> Bool
    /// Nil for what is no time.
    func time(_ cell: SampleCell, _ context: SampleContext) async throws -> Timestamp?
}

extension SampleQuery.Tolerance {
    /// Whether two numbers are near enough to each other; never when the answer is to be exact.
    func isNear(_ expected: String, _ actual: String) -> Bool {
        guard let wanted = Double(expected), let found = Double(actual) else { return false }
        switch self {
        case .exact: return false
        case .plusMinus(let amount): return abs(found - wanted) <= amount
        case .percent(let percent): return abs(found - wanted) <= abs(wanted) * percent / 100
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
        case .list(let values): answer.columns == 1 ? values.map { [$0] } : [values]
        }
    }
}
