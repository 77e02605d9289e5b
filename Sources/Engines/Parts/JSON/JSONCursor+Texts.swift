import Documents

extension JSONCursor {
    /// The text ahead without its quotes and escapes.
    mutating func text() throws(JSONSyntaxError) -> [UInt8] {
        guard isAt("\"") else { throw failure("expected a text") }
        let start = position + 1
        try skipString()
        let inside = start..<position - 1
        guard bytes[inside].contains(UInt8(ascii: "\\")) else { return Array(bytes[inside]) }
        var reader = JSONCursor(bytes, in: inside)
        var text: [UInt8] = []
        while let byte = reader.next {
            if byte == UInt8(ascii: "\\") {
                text += Array(String(try reader.escape()).utf8)
            } else {
                text.append(byte)
                reader.position += 1
            }
        }
        return text
    }

    /// Passes the text whose opening quote is ahead.
    mutating func skipString() throws(JSONSyntaxError) {
        position += 1
        while true {
            position = endOfPlainLetters()
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): _ = try escape()
            case let byte? where byte >= 0x80: try skipLetter()
            case nil: throw failure("a text is not closed")
            default: throw failure("a control character stands in a text")
            }
        }
    }

    private func endOfPlainLetters() -> Int {
        let text = bytes.span
        var at = position
        while at < end, text[at] >= 32, text[at] < 0x80, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: "\\") { at += 1 }
        return at
    }

    /// Passes one letter of several bytes.
    private mutating func skipLetter() throws(JSONSyntaxError) {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[position] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw failure("a text is not UTF-8")
        }
        guard position + length <= end, second.contains(bytes[position + 1]),
            bytes[position + 2..<position + length].allSatisfy({ $0 & 0xC0 == 0x80 })
        else { throw failure("a text is not UTF-8") }
        position += length
    }

    /// What the escape whose backslash is ahead stands for.
    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        position += 1
        return try JSONEscape.read(bytes, at: &position, before: end)
    }
}
