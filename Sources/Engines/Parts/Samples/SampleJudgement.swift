import Documents
import Recovery

/// Holds one answer against what is expected of it.
struct SampleJudgement {
    private let query: SampleQuery
    private let context: SampleContext
    private let reader: any SampleReader

    init(_ query: SampleQuery, _ context: SampleContext, _ reader: any SampleReader) {
        self.query = query
        self.context = context
        self.reader = reader
    }

    func judge(_ rows: SampleRows) async throws -> CheckResult {
        switch query.expectation {
        case .equals(let answer, let tolerance): try await judge(rows, equals: answer, tolerance)
        case .within(let limit, let moment): try await judge(rows, within: limit, of: context.time(of: moment))
        case .atLeast(let least): judgeNumber(rows, atLeast: least)
        case .atMost(let most): judgeNumber(rows, atMost: most)
        case .between(let least, let most): judgeNumber(rows, atLeast: least, atMost: most)
        case .rowCount(let count): result("\(rows.count)", rows.count == count)
        case .matches(let pattern): judge(rows, matches: pattern)
        case .notEmpty: result(rows.count == 1 ? "1 row" : "\(rows.count) rows", rows.count > 0)
        }
    }

    private func result(_ actual: String, _ holds: Bool, compared: Int = 1, tolerance: String? = nil) -> CheckResult {
        CheckResult(
            "query \(query.name)", query.expectation.aspect, expected: query.expectation.words(context), actual: actual,
            verdict: holds ? .held : .differed, compared: compared, tolerance: tolerance)
    }

    private func undetermined(_ reason: String) -> CheckResult {
        .undetermined("query \(query.name)", query.expectation.aspect, expected: query.expectation.words(context), because: reason)
    }

    /// The only value of the only row; nil inside is NULL.
    private func single(_ rows: SampleRows) -> SampleCell? {
        guard rows.count == 1, rows.columns == 1, let row = rows.rows.first else { return nil }
        return row.first
    }

    private func shape(_ rows: SampleRows) -> String {
        "\(rows.count) row\(rows.count == 1 ? "" : "s") of \(rows.columns) column\(rows.columns == 1 ? "" : "s")"
    }

    // MARK: Equality

    private func judge(_ rows: SampleRows, equals answer: SampleQuery.Answer, _ tolerance: SampleQuery.Tolerance) async throws
        -> CheckResult
    {
        let expected = answer.rows(like: rows)
        let words = tolerance.words
        guard expected.count == rows.count, expected.allSatisfy({ $0.count == rows.columns }) else {
            let actual = rows.count <= 20 ? SampleWords.rows(rows.rows) : shape(rows)
            return result(actual, false, compared: max(1, expected.joined().count), tolerance: words)
        }
        var same = true
        var compared = 0
        for (expectedRow, row) in zip(expected, rows.rows) {
            for (value, actual) in zip(expectedRow, row) {
                compared += 1
                guard same else { continue }
                same = try await reader.holds(value, actual, tolerance)
            }
        }
        return result(SampleWords.rows(rows.rows), same, compared: max(1, compared), tolerance: words)
    }

    // MARK: Times, numbers, texts

    private func judge(_ rows: SampleRows, within limit: Duration, of moment: Timestamp) async throws -> CheckResult {
        guard let cell = single(rows) else { return result(shape(rows), false) }
        guard let value = cell.text else { return result("NULL", false) }
        guard let time = try await reader.time(cell, context) else { return undetermined("'\(value)' is no time") }
        let distance = abs(time.seconds(since: moment))
        let words = "\(time) (\(Duration.milliseconds(Int64((distance * 1000).rounded())).canonical) \(time < moment ? "before" : "after"))"
        return result(words, distance <= limit.inSeconds, tolerance: "within \(limit.canonical)")
    }

    private func judgeNumber(_ rows: SampleRows, atLeast least: String? = nil, atMost most: String? = nil) -> CheckResult {
        for bound in [least, most].compactMap({ $0 }) where ExactNumber(bound) == nil { return undetermined("'\(bound)' is no number") }
        guard let cell = single(rows) else { return result(shape(rows), false) }
        guard let value = cell.text else { return result("NULL", false) }
        guard let number = ExactNumber(value) else { return result(SampleWords.text(value), false) }
        let isEnough = least.flatMap { ExactNumber($0) }.map { number >= $0 } ?? true
        let isTooMuch = most.flatMap { ExactNumber($0) }.map { number > $0 } ?? false
        return result(value, isEnough && !isTooMuch)
    }

    private func judge(_ rows: SampleRows, matches pattern: String) -> CheckResult {
        guard let cell = single(rows) else { return result(shape(rows), false) }
        guard let value = cell.text else { return result("NULL", false) }
        guard let expression = try? Regex(pattern) else { return undetermined("'\(pattern)' is no regular expression") }
        return result(SampleWords.text(value), value.contains(expression))
    }
}
