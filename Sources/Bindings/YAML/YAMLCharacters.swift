/// The characters a document may hold. libyaml checks too, but in its own words, and it counts U+0085, U+2028 and U+2029 as line
/// breaks as YAML 1.1 did, which no editor does: they are refused, so that its line numbers are everyone's line numbers.
enum YAMLCharacters {
    static let sizeLimit = 1 << 20

    /// The document's text without byte order mark, once every byte of it is known to be harmless.
    static func checked(_ bytes: some Collection<UInt8>) throws(YAMLSyntaxError) -> String {
        let start = YAMLSpan(line: 1, column: 1)
        guard bytes.count <= sizeLimit else {
            throw YAMLSyntaxError(
                "the file is larger than 1 MiB", hint: "documents are written by people; is this the right file?", at: start)
        }
        let mark = Array(bytes.prefix(4))
        if mark.starts(with: [0xFF, 0xFE]) || mark.starts(with: [0xFE, 0xFF]) || (mark.count == 4 && mark[..<3] == [0, 0, 0xFE]) {
            throw YAMLSyntaxError("the file is UTF-16 or UTF-32", hint: "save it as UTF-8", at: start)
        }
        let content = Array(mark.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes.dropFirst(0))
        guard let text = String(validating: content, as: UTF8.self) else {
            throw YAMLSyntaxError("the file is not valid UTF-8", hint: "save it as UTF-8", at: positionOfFirstInvalidByte(in: content))
        }
        try check(text.unicodeScalars)
        return text
    }

    private static func check(_ scalars: String.UnicodeScalarView) throws(YAMLSyntaxError) {
        var line = 1
        var column = 1
        var afterReturn = false
        for scalar in scalars {
            if afterReturn, scalar != "\n" {
                throw YAMLSyntaxError(
                    "a carriage return stands alone", hint: "end lines with a line feed", at: YAMLSpan(line: line, column: column - 1))
            }
            afterReturn = scalar == "\r"
            if let name = refused(scalar) {
                throw YAMLSyntaxError(
                    "\(name) is not allowed in a document", hint: "in a double-quoted text it can be written as an escape",
                    at: YAMLSpan(line: line, column: column))
            }
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
    }

    private static func refused(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0: "a NUL character"
        case 9, 10, 13: nil
        case ..<32, 0x7F, 0x80..<0x85, 0x86..<0xA0: "the control character U+\(hexadecimal(scalar))"
        case 0x85, 0x2028, 0x2029: "the line separator U+\(hexadecimal(scalar))"
        case 0xFEFF: "a byte order mark inside the text"
        case 0xFFFE, 0xFFFF: "the character U+\(hexadecimal(scalar))"
        default: nil
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func positionOfFirstInvalidByte(in bytes: [UInt8]) -> YAMLSpan {
        var line = 1
        var column = 1
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return YAMLSpan(line: line, column: column)
    }
}
