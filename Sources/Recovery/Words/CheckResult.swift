/// Something that was compared, with what was expected and what was found. One that did not hold is a finding.
package struct CheckResult: Sendable, Codable, Equatable {
    package enum Verdict: String, Sendable, Codable {
        case held
        case differed
        /// The comparison could not be made; never counts as held.
        case undetermined
    }

    /// What was looked at, by its own name: `table public.books`. May be hostile; escaped by each outlet.
    package let subject: String
    /// What about it: `rows`, `definition`, `owner`.
    package let aspect: String
    package let expected: String
    package let actual: String
    package let verdict: Verdict
    /// How many single comparisons stand behind this line; at least 1 unless undetermined.
    package let compared: Int
    /// How exact the comparison was, when not exact: `within 2h`.
    package let tolerance: String?

    package init(
        _ subject: String, _ aspect: String, expected: String, actual: String, verdict: Verdict, compared: Int = 1,
        tolerance: String? = nil
    ) {
        self.subject = subject
        self.aspect = aspect
        self.expected = expected
        self.actual = actual
        self.verdict = verdict
        self.compared = verdict == .undetermined ? 0 : compared
        self.tolerance = tolerance
    }

    /// Compares two values by equality.
    package init<Value: Equatable>(_ subject: String, _ aspect: String, expected: Value, actual: Value, compared: Int = 1) {
        self.init(
            subject, aspect, expected: "\(expected)", actual: "\(actual)", verdict: expected == actual ? .held : .differed,
            compared: compared)
    }

    package static func undetermined(_ subject: String, _ aspect: String, expected: String, because reason: String) -> CheckResult {
        CheckResult(subject, aspect, expected: expected, actual: reason, verdict: .undetermined)
    }

    package var isFinding: Bool { verdict != .held }
}

/// How many comparisons a list of results stands for.
package struct CheckTally: Sendable, Codable, Equatable {
    package var held = 0
    package var differed = 0
    package var undetermined = 0
    /// Single comparisons behind the results that held or differed. Zero means that nothing was verified.
    package var compared = 0

    package init(_ results: some Sequence<CheckResult> = []) {
        for result in results {
            switch result.verdict {
            case .held: held += 1
            case .differed: differed += 1
            case .undetermined: undetermined += 1
            }
            compared += result.compared
        }
    }
}
