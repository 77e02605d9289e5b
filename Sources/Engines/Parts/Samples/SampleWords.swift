import Documents
import Recovery

/// Values as results show them.
enum SampleWords {
    /// `[3, 17]`, `[['a', 1], ['b', NULL]]`, or the value alone; shortened when there is much of it.
    static func rows(_ rows: [[SampleCell]]) -> String {
        list(rows.map { $0.map(value) })
    }

    static func answer(_ answer: SampleQuery.Answer) -> String {
        switch answer {
        case .value(let single): value(single)
        case .list(let values): list(values.map { [value($0)] }, alwaysAsList: true)
        case .rows(let rows): list(rows.map { $0.map(value) }, alwaysAsList: true)
        }
    }

    static func text(_ text: String) -> String { "'\(shortened(text))'" }

    private static func list(_ rows: [[String]], alwaysAsList: Bool = false) -> String {
        if !alwaysAsList, rows.count == 1, let row = rows.first {
            return row.count == 1 ? row.joined() : shortened("[\(row.joined(separator: ", "))]")
        }
        let isOneColumn = rows.allSatisfy { $0.count == 1 }
        return shortened("[" + rows.map { isOneColumn ? $0.joined() : "[\($0.joined(separator: ", "))]" }.joined(separator: ", ") + "]")
    }

    private static func value(_ value: SampleQuery.Value) -> String {
        if case .text(let words) = value { return text(words) }
        return value.text ?? "NULL"
    }

    private static func value(_ cell: SampleCell) -> String {
        guard let value = cell.text else { return "NULL" }
        return switch cell.kind {
        case .flag: value == "t" || value == "true" ? "true" : "false"
        case .number: value
        case .text, .other: text(value)
        }
    }

    private static func shortened(_ text: String) -> String { text.count > 400 ? text.prefix(400) + " …" : text }
}

extension SampleQuery.Expectation {
    var aspect: String {
        switch self {
        case .equals: "answer"
        case .within: "time"
        case .atLeast, .atMost, .between: "number"
        case .rowCount, .notEmpty: "rows"
        case .matches: "text"
        }
    }

    func words(_ context: SampleContext) -> String {
        switch self {
        case .equals(let answer, _): SampleWords.answer(answer)
        case .within(let limit, let moment): "within \(limit.canonical) of \(moment.words) (\(context.time(of: moment)))"
        case .atLeast(let least): "at least \(least)"
        case .atMost(let most): "at most \(most)"
        case .between(let least, let most): "between \(least) and \(most)"
        case .rowCount(let count): "\(count)"
        case .matches(let pattern): "matches /\(pattern)/"
        case .notEmpty: "at least one row"
        }
    }
}

extension SampleQuery.Tolerance {
    var words: String? {
        switch self {
        case .exact: nil
        case .plusMinus(let amount): "± \(amount)"
        case .percent(let percent): "± \(percent) %"
        }
    }
}

extension SampleQuery.Moment {
    var words: String {
        switch self {
        case .backup: "the backup"
        case .now: "now"
        case .time: "the given time"
        }
    }
}

extension SampleContext {
    func time(of moment: SampleQuery.Moment) -> Timestamp {
        switch moment {
        case .backup: backup
        case .now: now
        case .time(let time): time
        }
    }
}
