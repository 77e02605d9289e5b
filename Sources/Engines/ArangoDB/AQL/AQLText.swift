/// Looks through a query as far as it has to, to know whether it writes.
enum AQLText {
    private static let writing: Set<String> = ["INSERT", "UPDATE", "REPLACE", "REMOVE", "UPSERT"]

    /// The first word of a query that makes it write; nil: it only reads. Words in texts, names in quotes, comments and attributes are none.
    static func writingWord(in query: String) -> String? {
        var rest = Array(query.utf8)[...]
        var previous: UInt8 = 0
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
                rest = skip(quoted: rest, by: byte)
                previous = byte
            case UInt8(ascii: "/") where rest.dropFirst().first == UInt8(ascii: "/"):
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "/") where rest.dropFirst().first == UInt8(ascii: "*"):
                rest = skipComment(rest)
            case _ where isWordStart(byte):
                let word = rest.prefix { isWordStart($0) || (48...57).contains($0) }
                rest = rest.dropFirst(word.count)
                let text = String(decoding: word, as: UTF8.self).uppercased()
                // An attribute or a parameter of that name.
                if writing.contains(text), previous != UInt8(ascii: "."), previous != UInt8(ascii: "@") { return text }
                previous = UInt8(ascii: "a")
            default:
                if byte > 32 { previous = byte }
                rest.removeFirst()
            }
        }
        return nil
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func skip(quoted text: ArraySlice<UInt8>, by quote: UInt8) -> ArraySlice<UInt8> {
        var rest = text.dropFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
            if byte == quote { break }
        }
        return rest
    }

    private static func skipComment(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = text.dropFirst(2)
        while rest.count >= 2, !rest.starts(with: "*/".utf8) { rest = rest.dropFirst() }
        return rest.dropFirst(2)
    }
}
