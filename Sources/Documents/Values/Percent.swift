/// A share, as in `50%` or `0.5%`.
package struct Percent: ScalarValue, Hashable, Comparable {
    /// 50 for half; never negative, at most 1,000,000.
    package let value: Double

    /// 0.5 for half.
    package var fraction: Double { value / 100 }

    package init(scalar text: String) throws(Mistake) {
        guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?)%/), let value = Double(match.output.1) else {
            let hint = text.wholeMatch(of: /[0-9.]{1,18}/) != nil ? "write \(text)%" : "write a number and %, as in 50%"
            throw Mistake("\(text.quoted) is not a percentage", hint: hint)
        }
        guard value <= 1_000_000 else { throw Mistake("\(text.quoted) is too large a percentage") }
        self.value = value
    }

    private init(_ value: Double) { self.value = value }

    package static var form: String { "a percentage" }
    package static var placeholder: Percent { Percent(50) }
    package static var scalarSchema: JSONSchema { .string(pattern: #"^[0-9]+(\.[0-9]+)?%$"#) }
    package var canonical: String { value == value.rounded() ? "\(Int(value))%" : "\(value)%" }
    package static func < (left: Percent, right: Percent) -> Bool { left.value < right.value }
}
