/// A decimal number of any length, compared digit by digit: what a server writes as `numeric` or `bigint` fits into no machine type.
package struct ExactNumber: Sendable, Comparable {
    private let isNegative: Bool
    /// Without zeros in front.
    private let whole: [UInt8]
    /// Without zeros at the end.
    private let fraction: [UInt8]

    /// Reads `-12.50`, `7`, `1e300`, `1.5e-07`; nil for anything else, `NaN` and `Infinity` too.
    package init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        let whole = Array(rest.prefix(while: Self.isDigit))
        rest = rest.dropFirst(whole.count)
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix(while: Self.isDigit))
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            guard let number = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), abs(number) <= 20_000 else { return nil }
            exponent = number
            rest = []
        }
        guard rest.isEmpty else { return nil }
        self.init(isNegative, whole, fraction, exponent)
    }

    private init(_ isNegative: Bool, _ whole: [UInt8], _ fraction: [UInt8], _ exponent: Int) {
        var whole = whole
        var fraction = fraction
        if exponent > 0 {
            whole += fraction.prefix(exponent) + [UInt8](repeating: UInt8(ascii: "0"), count: max(0, exponent - fraction.count))
            fraction = Array(fraction.dropFirst(exponent))
        } else if exponent < 0 {
            fraction = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, -exponent - whole.count)) + whole.suffix(-exponent) + fraction
            whole = whole.dropLast(-exponent)
        }
        self.whole = Array(whole.drop { $0 == UInt8(ascii: "0") })
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        self.fraction = fraction
        self.isNegative = isNegative && !(self.whole.isEmpty && fraction.isEmpty)
    }

    package static func < (a: ExactNumber, b: ExactNumber) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        return a.isNegative ? b.isSmaller(than: a) : a.isSmaller(than: b)
    }

    private func isSmaller(than other: ExactNumber) -> Bool {
        if whole.count != other.whole.count { return whole.count < other.whole.count }
        if whole != other.whole { return whole.lexicographicallyPrecedes(other.whole) }
        return fraction.lexicographicallyPrecedes(other.fraction)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
