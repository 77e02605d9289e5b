import Bindings
import Documents

/// The language that the sample queries of an engine are written in.
protocol SampleLanguage: Sendable {
    associatedtype Bindings: DocumentValue
    /// The key of the query's text.
    static var key: String { get }
    static var about: String { get }
    static var noBindings: Bindings { get }
    static var aboutBindings: String { get }
}

/// One sample query of a verifying step.
struct SampleQueryDocument<Language: SampleLanguage>: DocumentMapping {
    static var fields:
        Fields<
            Line, String, Language.Bindings, Duration, SampleQuery.Answer?, ToleranceText?, NearMoment?, WrittenNumber?, WrittenNumber?,
            [WrittenNumber]?, Int?, String?, Bool?
        >
    {
        Fields(
            Field.required("name", as: Line.self, "what reports call it"),
            Field.required(Language.key, as: String.self, limit: .notEmpty, Language.about),
            Field.optional("bind", as: Language.Bindings.self, default: Language.noBindings, Language.aboutBindings),
            Field.optional("deadline", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"),
            Field.maybe("equals", as: SampleQuery.Answer.self, "the whole answer"),
            Field.maybe("tolerance", as: ToleranceText.self, "how far numbers of `equals` may be off"),
            Field.maybe("within", as: NearMoment.self, "the answer is a time near to this one, as in `2h of backup`"),
            Field.maybe("at_least", as: WrittenNumber.self, "the answer is a number, and no smaller"),
            Field.maybe("at_most", as: WrittenNumber.self, "the answer is a number, and no larger"),
            Field.maybe("between", as: [WrittenNumber].self, "the answer is a number from the first to the second"),
            Field.maybe("rows", as: Int.self, limit: .atLeast(0), "how many rows there are"),
            Field.maybe("matches", as: String.self, limit: .notEmpty, "a regular expression that the answer has to match somewhere"),
            Field.maybe("not_empty", as: Bool.self, "`true`: there is at least one row")
        ).exactlyOne(of: "equals", "within", "at_least", "at_most", "between", "rows", "matches", "not_empty")
    }

    let query: SampleQuery
    let text: String
    let bindings: Language.Bindings

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (name, text, bindings, deadline, equals, tolerance, within, least, most, between, rows, pattern, notEmpty) = try Self.fields
            .read(
                node, reading)
        let expectation: SampleQuery.Expectation
        if let equals {
            expectation = .equals(equals, tolerance?.tolerance ?? .exact)
        } else if let within {
            expectation = .within(within.distance, of: within.moment)
        } else if let least {
            expectation = .atLeast(least.text)
        } else if let most {
            expectation = .atMost(most.text)
        } else if let between {
            guard between.count == 2 else { throw InvalidDocument("'between' has to be two numbers, as in [3, 5]", at: node) }
            expectation = .between(between[0].text, between[1].text)
        } else if let rows {
            expectation = .rowCount(Int64(rows))
        } else if let pattern {
            guard (try? Regex(pattern)) != nil else { throw InvalidDocument("'\(pattern)' is no regular expression", at: node) }
            expectation = .matches(pattern)
        } else if notEmpty == true {
            expectation = .notEmpty
        } else {
            throw InvalidDocument("'not_empty' can only be true", hint: "write `rows: 0` when there are to be none", at: node)
        }
        guard tolerance == nil || equals != nil else { throw InvalidDocument("'tolerance' belongs to 'equals'", at: node) }
        query = SampleQuery(name: name.text, expectation: expectation, limit: deadline)
        (self.text, self.bindings) = (text, bindings)
    }
}
