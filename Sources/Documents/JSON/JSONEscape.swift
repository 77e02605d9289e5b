/// Escapes in texts of JSON.
package enum JSONEscape {
    /// Why something behind a backslash is none.
    package struct Problem: Error, Equatable { package let problem: String }

    /// What the escape behind a backslash stands for; two of them for a letter that takes a pair.
    ///
    /// - Parameter position: of the byte behind the backslash; then behind the escape, or where the trouble is.
    package static func read(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(Problem) -> Unicode.Scalar {
        guard position < end else { throw Problem(problem: "a text is not closed") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode(bytes, at: &position, before: end)
        default: throw Problem(problem: "unknown escape")
        }
    }

    private static func unicode(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(Problem) -> Unicode.Scalar {
        let first = try fourDigits(bytes, at: &position, before: end)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, bytes[position..<end].starts(with: "\\u".utf8) else { throw Problem(problem: "a lone surrogate") }
        position += 2
        let second = try fourDigits(bytes, at: &position, before: end)
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
        else { throw Problem(problem: "a lone surrogate") }
        return scalar
    }

    private static func fourDigits(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(Problem) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard position < end, bytes[position] < 0x80, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw Problem(problem: "expected four hexadecimal digits")
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }
}
