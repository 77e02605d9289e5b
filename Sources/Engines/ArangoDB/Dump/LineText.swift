import Documents

/// A text inside of a line, by the place between its quotes.
enum LineText {
    static func hasEscapes(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let text = bytes.span
        for index in range where text[index] == UInt8(ascii: "\\") { return true }
        return false
    }

    /// Without its escapes.
    static func text(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONSyntaxError) -> [UInt8] {
        var cursor = JSONCursor(bytes, in: range.lowerBound - 1..<range.upperBound + 1)
        return try cursor.text()
    }

    /// For people; the text was read before.
    static func words(_ bytes: [UInt8], _ range: Range<Int>?) -> String {
        guard let range, let text = try? text(bytes, range) else { return "" }
        return String(decoding: text, as: UTF8.self)
    }
}
