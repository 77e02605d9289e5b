/// Escapes in texts of JSON, which may be bytes that nobody has to make a string of.
package enum JSONEscape {
    /// What the escape behind a backslash stands for; two of them for a letter that takes a pair.
    ///
    /// - Parameter position: of the byte behind the backslash; then behind the escape, or where the trouble is.
    package static func read(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        guard position < end else { throw JSONSyntaxError(problem: "a text is not closed", offset: position) }
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
        default: throw JSONSyntaxError(problem: "unknown escape", offset: position)
        }
    }

    private static func unicode(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourDigits(bytes, at: &position, before: end)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, bytes[position..<end].starts(with: "\\u".utf8) else {
            throw JSONSyntaxError(problem: "a lone surrogate", offset: position)
        }
        position += 2
        let second = try fourDigits(bytes, at: &position, before: end)
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
        else { throw JSONSyntaxError(problem: "a lone surrogate", offset: position) }
        return scalar
    }

    private static func fourDigits(_ bytes: [UInt8], at position: inout Int, before end: Int) throws(JSONSyntaxError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard position < end, bytes[position] < 0x80, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw JSONSyntaxError(problem: "expected four hexadecimal digits", offset: position)
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }

    /// Writes a text with its quotes, escaping only what must be, as serde_json does.
    package static func write(_ text: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 8: output += "\\b".utf8
            case 9: output += "\\t".utf8
            case 10: output += "\\n".utf8
            case 12: output += "\\f".utf8
            case 13: output += "\\r".utf8
            case 0..<16: output += "\\u000\(String(byte, radix: 16))".utf8
            case 16..<32: output += "\\u00\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
