import Bindings
import Documents
import Recovery

/// A value of a sample query, as a runbook writes it.
///
/// What is written plain is what it looks like: a number, true, false, null. Anything else, and whatever an expansion
/// stands for, is text.
enum SampleScalar {
    static func value(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) -> SampleQuery.Value {
        if node.isNull { return .null }
        let text = try String(node, reading)
        guard case .scalar(let source, .plain) = node.content, source == text else { return .text(text) }
        switch node.json {
        case .int(let number): return .integer(number)
        case .double: return .number(text)
        case .bool(let flag): return .flag(flag)
        default: return .text(text)
        }
    }

    static let form = "text, a number, true, false or null"
    static let schema = JSONSchema.anyOf([.text, .null])
}

extension SampleQuery.Answer: DocumentValue {
    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        guard case .sequence(let items) = node.content else {
            self = .value(try SampleScalar.value(node, reading))
            return
        }
        let isTable = items.contains { if case .sequence = $0.content { true } else { false } }
        guard isTable else {
            self = .list(try Self.values(items, reading))
            return
        }
        var rows: [[SampleQuery.Value]] = []
        for item in items {
            guard case .sequence(let columns) = item.content else {
                throw InvalidDocument("expected a list of the row's values, like the rows beside it", at: item)
            }
            rows.append(try Self.values(columns, reading))
        }
        self = .rows(rows)
    }

    private static func values(_ nodes: [YAMLNode], _ reading: Reading) throws(InvalidDocument) -> [SampleQuery.Value] {
        var values: [SampleQuery.Value] = []
        for node in nodes { values.append(try SampleScalar.value(node, reading)) }
        return values
    }

    package static var form: String { "a value, a list of values, or a list of rows" }
    package static func schema(expanding: Bool) -> JSONSchema {
        .anyOf([SampleScalar.schema, .array(of: .anyOf([SampleScalar.schema, .array(of: SampleScalar.schema)]))])
    }
}

/// `0.001` or `1%`.
struct ToleranceText: ScalarValue {
    let tolerance: SampleQuery.Tolerance

    init(scalar text: String) throws(Mistake) {
        if text.hasSuffix("%") {
            tolerance = .percent(try Percent(scalar: text).value)
        } else {
            let number = try Double(scalar: text)
            guard number >= 0 else { throw Mistake("a tolerance cannot be negative") }
            tolerance = .plusMinus(number)
        }
    }

    private init() { tolerance = .exact }

    static var form: String { "a number or a percentage" }
    static var placeholder: ToleranceText { ToleranceText() }
    static var scalarSchema: JSONSchema { .anyOf([.number, Percent.scalarSchema]) }
    var canonical: String {
        switch tolerance {
        case .exact: "0"
        case .plusMinus(let number): "\(number)"
        case .percent(let share): "\(share)%"
        }
    }
}

/// `2h of backup`, `5min of now`, `1h of 2026-11-20T02:00:00Z`.
struct NearMoment: ScalarValue {
    let distance: Duration
    let moment: SampleQuery.Moment

    init(scalar text: String) throws(Mistake) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard parts.count == 3, parts[1] == "of" else { throw Mistake("'\(text)' names no time to be near to", hint: Self.hint) }
        distance = try Duration(scalar: parts[0])
        switch parts[2] {
        case "backup": moment = .backup
        case "now": moment = .now
        default:
            guard let time = Timestamp(parts[2]) else { throw Mistake("'\(parts[2])' is no time", hint: Self.hint) }
            moment = .time(time)
        }
    }

    private init() { (distance, moment) = (.seconds(1), .backup) }

    private static let hint = "write it as 2h of backup, 5min of now, or 1h of 2026-11-20T02:00:00Z"

    static var form: String { "a duration, `of`, and backup, now or a time" }
    static var placeholder: NearMoment { NearMoment() }
    static var scalarSchema: JSONSchema { .string(pattern: "^[0-9dhmins]+ of \\S+$") }
    var canonical: String {
        let word =
            switch moment {
            case .backup: "backup"
            case .now: "now"
            case .time(let time): time.text
            }
        return "\(distance.canonical) of \(word)"
    }
}

/// A number as it is written, however many digits it has.
struct WrittenNumber: ScalarValue {
    let text: String

    init(scalar text: String) throws(Mistake) {
        guard ExactNumber(text) != nil else { throw Mistake("expected a number, found '\(text)'") }
        self.text = text
    }

    private init(sample: String) { text = sample }

    static var form: String { "a number" }
    static var placeholder: WrittenNumber { WrittenNumber(sample: "1") }
    static var scalarSchema: JSONSchema { .number }
    static var mayBeQuoted: Bool { false }
    var canonical: String { text }
}
