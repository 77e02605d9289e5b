/// Why a text is not JSON, and at which byte.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let problem: String
    package let offset: Int

    package init(problem: String, offset: Int) { (self.problem, self.offset) = (problem, offset) }

    package var description: String { "\(problem), at byte \(offset)" }
}

extension JSONValue {
    /// Strict RFC 8259 in UTF-8. Refused beyond the standard: the same key twice in an object, lone surrogates, nesting deeper than 512.
    /// Whole numbers outside of 64 bits become doubles.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        var reader = JSONReader(bytes: Array(bytes))
        self = try reader.document()
    }

    package init(parsing text: String) throws(JSONSyntaxError) { try self.init(parsing: text.utf8) }
}

private struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("text after the end") }
        return value
    }

    private func failure(_ problem: String) -> JSONSyntaxError { JSONSyntaxError(problem: problem, offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth < 512 else { throw failure("nested deeper than 512 levels") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("the text ends too early")
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("expected a value") }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        position += 1
        skipSpace()
        if take("}") { return .object([]) }
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("expected a key") }
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("key \(key.quoted) appears twice") }
            skipSpace()
            guard take(":") else { throw failure("expected ':'") }
            members.append(.init(key, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("expected ',' or '}'") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        position += 1
        skipSpace()
        if take("]") { return .array([]) }
        var items: [JSONValue] = []
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("expected ',' or ']'") }
        return .array(items)
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = take("-")
        guard let first = next, first >= 48, first <= 57 else { throw failure("expected a value") }
        if !take("0") { skipDigits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw failure("the number is too large") }
        return .double(number)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = next, byte >= 48, byte <= 57 else { throw failure("expected a digit") }
        skipDigits()
    }

    private mutating func skipDigits() {
        while let byte = next, byte >= 48, byte <= 57 { position += 1 }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var content: [UInt8] = []
        while true {
            let start = position
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 32 { position += 1 }
            content += bytes[start..<position]
            if take("\"") { break }
            if take("\\") {
                content += Array(String(try escaped()).utf8)
            } else {
                throw failure(next == nil ? "a text is not closed" : "a control character stands in a text")
            }
        }
        guard let text = String(validating: content, as: UTF8.self) else { throw failure("a text is not UTF-8") }
        return text
    }

    private mutating func escaped() throws(JSONSyntaxError) -> Unicode.Scalar {
        try JSONEscape.read(bytes, at: &position, before: bytes.count)
    }
}
