import Documents

/// A place in JSON text, and the ways to go on from there: past a value, into an object, over a number.
///
/// Builds nothing it is not asked for: what engines answer is many megabytes of digits and documents. Strict RFC 8259 in UTF-8; every byte
/// that was passed was checked, so that what was skipped can be copied as it is.
struct JSONCursor {
    let bytes: [UInt8]
    let end: Int
    var position: Int
    /// How many `null` were skipped so far.
    private(set) var nulls = 0

    /// serde_json gives up at 128 levels, so no Qdrant has written more; what is around it adds a few.
    static let deepest = 256

    init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
        self.bytes = bytes
        end = range?.upperBound ?? bytes.count
        position = range?.lowerBound ?? 0
    }

    func failure(_ problem: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(problem: problem, offset: offset ?? position)
    }

    var next: UInt8? { position < end ? bytes[position] : nil }

    func isAt(_ character: Unicode.Scalar) -> Bool { position < end && bytes[position] == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < end {
            let byte = bytes[position]
            guard byte <= 32, byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
            position += 1
        }
    }

    /// Nothing but blanks may be left.
    mutating func finish() throws(JSONSyntaxError) {
        skipSpace()
        guard position == end else { throw failure("text after the end") }
    }
}

// MARK: - Entering

extension JSONCursor {
    mutating func enterObject() throws(JSONSyntaxError) {
        skipSpace()
        guard take("{") else { throw failure(next == nil ? "the text ends too early" : "expected an object") }
    }

    mutating func enterArray() throws(JSONSyntaxError) {
        skipSpace()
        guard take("[") else { throw failure(next == nil ? "the text ends too early" : "expected a list") }
    }

    /// The next key of the object that was entered, with its value ahead; nil when the object is closed.
    mutating func nextKey(isFirst: inout Bool) throws(JSONSyntaxError) -> [UInt8]? {
        skipSpace()
        if take("}") { return nil }
        if !isFirst {
            guard take(",") else { throw failure("expected ',' or '}'") }
            skipSpace()
        }
        isFirst = false
        guard isAt("\"") else { throw failure("expected a key") }
        let key = try text()
        skipSpace()
        guard take(":") else { throw failure("expected ':'") }
        skipSpace()
        return key
    }

    /// Whether the list that was entered goes on, with its next item ahead.
    mutating func nextItem(isFirst: inout Bool) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        if isFirst {
            isFirst = false
            return !take("]")
        }
        if take(",") {
            skipSpace()
            return true
        }
        guard take("]") else { throw failure("expected ',' or ']'") }
        return false
    }
}

// MARK: - Skipping

extension JSONCursor {
    /// Passes one value whole.
    mutating func skipValue(depth: Int = 0) throws(JSONSyntaxError) {
        skipSpace()
        guard let byte = next else { throw failure("the text ends too early") }
        switch byte {
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "{"): try skipObject(depth: depth)
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skipNull()
        default: try skipNumber()
        }
    }

    /// Passes one value and gives its bytes as they stand.
    mutating func verbatim() throws(JSONSyntaxError) -> ArraySlice<UInt8> {
        skipSpace()
        let start = position
        try skipValue()
        return bytes[start..<position]
    }

    mutating func skipNull() throws(JSONSyntaxError) {
        try skip("null")
        nulls += 1
    }

    mutating func skip(_ word: StaticString) throws(JSONSyntaxError) {
        guard bytes[position..<end].starts(with: word.description.utf8) else { throw failure("expected a value") }
        position += word.utf8CodeUnitCount
    }

    private mutating func skipArray(depth: Int) throws(JSONSyntaxError) {
        guard depth < Self.deepest else { throw failure("nested deeper than \(Self.deepest) levels") }
        position += 1
        skipSpace()
        if take("]") { return }
        repeat {
            // Almost all that is ever skipped are the numbers of a vector.
            if let byte = next, byte.isDigit || byte == UInt8(ascii: "-") {
                try skipNumber()
            } else {
                try skipValue(depth: depth + 1)
            }
            skipSpace()
        } while takeComma()
        guard take("]") else { throw failure("expected ',' or ']'") }
    }

    private mutating func takeComma() -> Bool {
        guard take(",") else { return false }
        skipSpace()
        return true
    }

    private mutating func skipObject(depth: Int) throws(JSONSyntaxError) {
        guard depth < Self.deepest else { throw failure("nested deeper than \(Self.deepest) levels") }
        position += 1
        skipSpace()
        if take("}") { return }
        repeat {
            guard isAt("\"") else { throw failure("expected a key") }
            try skipString()
            skipSpace()
            guard take(":") else { throw failure("expected ':'") }
            try skipValue(depth: depth + 1)
            skipSpace()
        } while takeComma()
        guard take("}") else { throw failure("expected ',' or '}'") }
    }
}

// MARK: - Copying

extension JSONCursor {
    /// The items of a list ahead, each as it stands.
    mutating func verbatimItems() throws(JSONSyntaxError) -> [[UInt8]] {
        try enterArray()
        var items: [[UInt8]] = []
        var isFirst = true
        while try nextItem(isFirst: &isFirst) { items.append(Array(try verbatim())) }
        return items
    }

    /// The members of an object that is all there is, each value as it stands.
    static func members(of text: [UInt8]) throws(JSONSyntaxError) -> [(key: String, value: [UInt8])] {
        var cursor = JSONCursor(text)
        try cursor.enterObject()
        var members: [(String, [UInt8])] = []
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            members.append((String(decoding: key, as: UTF8.self), Array(try cursor.verbatim())))
        }
        try cursor.finish()
        return members
    }

    /// The items of a list that a text begins with, each as it stands.
    static func items(of text: [UInt8]) throws(JSONSyntaxError) -> [[UInt8]] {
        var cursor = JSONCursor(text)
        return try cursor.verbatimItems()
    }
}
