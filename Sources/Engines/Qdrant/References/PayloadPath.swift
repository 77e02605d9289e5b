import Documents
import Recovery

/// A key of a payload, or one within others: `book`, `source.chunk`, `parts[].book`.
struct PayloadPath: Sendable {
    /// As the server takes it.
    let text: String
    fileprivate let keys: [[UInt8]]

    /// Nil for what the server would read otherwise than it looks.
    init?(_ text: String) {
        guard text.wholeMatch(of: /[A-Za-z0-9_\-]+(\[\])?(\.[A-Za-z0-9_\-]+(\[\])?)*/) != nil else { return nil }
        self.text = text
        keys = text.split(separator: ".").map { Array(($0.hasSuffix("[]") ? $0.dropLast(2) : $0).utf8) }
    }
}

extension PointPage {
    func id(_ index: Int) throws(JSONSyntaxError) -> PointID {
        var found: PointID?
        try members(index) { key, cursor throws(JSONSyntaxError) in
            if key == Array("id".utf8) { found = try cursor.pointID() } else { try cursor.skipValue() }
        }
        guard let found else { throw JSONSyntaxError(problem: "a point has no 'id'", offset: ranges[index].lowerBound) }
        return found
    }

    /// What a point has under a key of its payload: every one of a list, and one null where there is nothing.
    func values(_ index: Int, under path: PayloadPath) throws(JSONSyntaxError) -> [IdentifierValue] {
        var found: [IdentifierValue] = []
        try members(index) { key, cursor throws(JSONSyntaxError) in
            if key == Array("payload".utf8) { found = try cursor.identifiers(under: path.keys[...]) } else { try cursor.skipValue() }
        }
        return found.isEmpty ? [.null] : found
    }

    private func members(
        _ index: Int, each: (_ key: [UInt8], _ cursor: inout JSONCursor) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        var cursor = JSONCursor(body, in: ranges[index])
        try cursor.enterObject()
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) { try each(key, &cursor) }
        try cursor.finish()
    }
}

extension JSONCursor {
    /// Passes the value ahead. Empty where nothing is at the end of the path.
    fileprivate mutating func identifiers(under keys: ArraySlice<[UInt8]>, depth: Int = 0) throws(JSONSyntaxError) -> [IdentifierValue] {
        guard depth < Self.deepest else { throw failure("nested deeper than \(Self.deepest) levels") }
        skipSpace()
        if isAt("[") {
            var found: [IdentifierValue] = []
            try enterArray()
            var isFirst = true
            while try nextItem(isFirst: &isFirst) { found += try identifiers(under: keys, depth: depth + 1) }
            return found
        }
        guard let key = keys.first else { return try identifier().map { [$0] } ?? [] }
        guard isAt("{") else {
            try skipValue()
            return []
        }
        var found: [IdentifierValue] = []
        try enterObject()
        var isFirst = true
        while let next = try nextKey(isFirst: &isFirst) {
            if next == key { found = try identifiers(under: keys.dropFirst(), depth: depth + 1) } else { try skipValue() }
        }
        return found
    }

    /// Nil for null.
    private mutating func identifier() throws(JSONSyntaxError) -> IdentifierValue? {
        if isAt("\"") { return .identifier(.text(String(decoding: try text(), as: UTF8.self))) }
        if isAt("n") {
            try skipNull()
            return nil
        }
        let written = String(decoding: try verbatim(), as: UTF8.self)
        // Beyond 2^53 only the digits themselves are exact.
        return Int128(written).map { .identifier(.number($0)) } ?? .other(written)
    }
}
