import Documents

/// The payload of a point in the one form that all equal payloads have: keys sorted by their bytes, no blanks, escapes only where JSON
/// wants them. A missing payload, `null` and `{}` are the same to the server and here.
///
/// Numbers are told apart as serde_json does, which keeps a whole number and a floating one as different things: `1` is not `1.0`, but
/// `1.0` is `1e0`. Whole numbers stay as they were written, whatever their size; floating ones take the shortest form of their double.
/// `-0.0` is not `0.0`, although serde_json would call them equal: the server keeps and prints the sign, so losing it is a change.
package struct CanonicalPayload: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]

    package static let empty = CanonicalPayload(bytes: Array("{}".utf8))

    private init(bytes: [UInt8]) { self.bytes = bytes }

    package init(json: some Collection<UInt8>) throws(JSONSyntaxError) {
        var cursor = JSONCursor(Array(json))
        try self.init(reading: &cursor)
        try cursor.finish()
    }

    init(reading cursor: inout JSONCursor) throws(JSONSyntaxError) {
        cursor.skipSpace()
        if cursor.isAt("n") {
            try cursor.skipNull()
            self = .empty
            return
        }
        guard cursor.isAt("{") else { throw cursor.failure(cursor.next == nil ? "the text ends too early" : "a payload is no object") }
        var bytes: [UInt8] = []
        try Self.copyValue(at: &cursor, to: &bytes, depth: 0)
        self.init(bytes: bytes)
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }

    private static func copyValue(at cursor: inout JSONCursor, to output: inout [UInt8], depth: Int) throws(JSONSyntaxError) {
        guard depth < JSONCursor.deepest else { throw cursor.failure("nested deeper than \(JSONCursor.deepest) levels") }
        cursor.skipSpace()
        switch cursor.next {
        case UInt8(ascii: "{"): try copyObject(at: &cursor, to: &output, depth: depth)
        case UInt8(ascii: "["): try copyArray(at: &cursor, to: &output, depth: depth)
        case UInt8(ascii: "\""): JSONEscape.write(try cursor.text(), to: &output)
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): output += try cursor.verbatim()
        case nil: throw cursor.failure("the text ends too early")
        default: try copyNumber(at: &cursor, to: &output)
        }
    }

    private static func copyObject(at cursor: inout JSONCursor, to output: inout [UInt8], depth: Int) throws(JSONSyntaxError) {
        try cursor.enterObject()
        var members: [(key: [UInt8], value: [UInt8])] = []
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            var value: [UInt8] = []
            try copyValue(at: &cursor, to: &value, depth: depth + 1)
            members.append((key, value))
        }
        members.sort { $0.key.lexicographicallyPrecedes($1.key) }
        for (one, two) in zip(members, members.dropFirst()) where one.key == two.key {
            throw cursor.failure("'\(String(decoding: one.key, as: UTF8.self))' appears twice in a payload")
        }
        output.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONEscape.write(member.key, to: &output)
            output.append(UInt8(ascii: ":"))
            output += member.value
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func copyArray(at cursor: inout JSONCursor, to output: inout [UInt8], depth: Int) throws(JSONSyntaxError) {
        try cursor.enterArray()
        output.append(UInt8(ascii: "["))
        var isFirst = true
        var separates = false
        while try cursor.nextItem(isFirst: &isFirst) {
            if separates { output.append(UInt8(ascii: ",")) }
            separates = true
            try copyValue(at: &cursor, to: &output, depth: depth + 1)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func copyNumber(at cursor: inout JSONCursor, to output: inout [UInt8]) throws(JSONSyntaxError) {
        let start = cursor.position
        try cursor.skipNumber()
        let number = cursor.bytes[start..<cursor.position]
        // serde_json reads -0 as a floating number.
        let isWhole = number.dropFirst().allSatisfy { $0.isDigit } && !number.elementsEqual("-0".utf8)
        if isWhole {
            output += number
            return
        }
        guard let value = Double(String(decoding: number, as: UTF8.self)), value.isFinite else {
            throw JSONSyntaxError(problem: "the number is too large", offset: start)
        }
        output += value.description.utf8
    }
}
