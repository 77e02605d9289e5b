/// What a value has to keep to beyond its type, in words and as JSON Schema.
package struct Limit<Value: Sendable>: Sendable {
    /// To follow "has to be".
    package let words: String
    let keywords: [JSONValue.Member]
    let holds: @Sendable (Value) -> Bool

    package init(_ words: String, schema keywords: [JSONValue.Member] = [], holds: @escaping @Sendable (Value) -> Bool) {
        self.words = words
        self.keywords = keywords
        self.holds = holds
    }

    /// The same for a field that may be left out.
    var optional: Limit<Value?> { Limit<Value?>(words, schema: keywords) { value in value.map(holds) ?? true } }
}

extension Limit where Value == Int {
    package static func range(_ range: ClosedRange<Int>) -> Limit {
        Limit("between \(range.lowerBound) and \(range.upperBound)", schema: JSONSchema.integer(range).json.members ?? []) {
            range.contains($0)
        }
    }

    package static func atLeast(_ minimum: Int) -> Limit {
        Limit("at least \(minimum)", schema: [.init("minimum", .int(Int64(minimum)))]) { $0 >= minimum }
    }
}

extension Limit where Value == Double {
    package static func range(_ range: ClosedRange<Double>) -> Limit {
        Limit(
            "between \(range.lowerBound.canonical) and \(range.upperBound.canonical)",
            schema: [.init("minimum", .double(range.lowerBound)), .init("maximum", .double(range.upperBound))]
        ) { range.contains($0) }
    }
}

extension Limit where Value == Duration {
    package static var positive: Limit { Limit("longer than zero") { $0 > .zero } }
    package static func range(_ range: ClosedRange<Duration>) -> Limit {
        Limit("between \(range.lowerBound.canonical) and \(range.upperBound.canonical)") { range.contains($0) }
    }
}

extension Limit where Value == CalendarPeriod {
    package static var positive: Limit { Limit("longer than zero") { !$0.isZero } }
}

extension Limit where Value == ByteSize {
    package static var positive: Limit { Limit("larger than zero") { $0.bytes > 0 } }
}

extension Limit where Value == String {
    package static var notEmpty: Limit { Limit("some text, not empty", schema: [.init("minLength", 1)]) { !$0.isEmpty } }
}

extension Limit where Value: Collection {
    package static func atLeast(_ count: Int) -> Limit {
        Limit("a list of at least \(count)", schema: [.init("minItems", .int(Int64(count)))]) { $0.count >= count }
    }
}
