/// A UUID by its 128 bits, since one can be written in many ways.
package enum UUIDText {
    /// Hyphenated, simple, URN or in braces, upper or lower case. `"123"` is none.
    package static func value(of text: String) -> UInt128? {
        var digits = Array(text.utf8)
        if text.hasPrefix("urn:uuid:") {
            digits.removeFirst(9)
        } else if digits.first == UInt8(ascii: "{"), digits.last == UInt8(ascii: "}") {
            digits = Array(digits.dropFirst().dropLast())
        }
        if digits.count == 36 {
            for place in [23, 18, 13, 8] {
                guard digits.remove(at: place) == UInt8(ascii: "-") else { return nil }
            }
        } else if digits.count != 32 || digits.count != text.utf8.count {
            // The crate that Qdrant uses takes the simple form only alone.
            return nil
        }
        var value: UInt128 = 0
        for digit in digits {
            guard digit < 0x80, let four = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt128(four)
        }
        return value
    }

    /// Hyphenated in lower case.
    package static func text(of value: UInt128) -> String {
        let digits = String(value, radix: 16)
        var text = String(repeating: "0", count: 32 - digits.count) + digits
        for place in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: place)) }
        return text
    }
}
