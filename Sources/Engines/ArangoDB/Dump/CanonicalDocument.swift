import Documents

/// A document in the one form that all equal documents have: keys sorted by their bytes, no blanks, escapes only where JSON wants them, and
/// without `_id` and `_rev` of its own, which a server makes anew (contract 11).
///
/// Numbers are what they mean to a server: whole ones stay as they were written, whatever their size; others take the shortest form of
/// their double, so that `1.0`, which some versions write as `1`, is `1`, and `1.50` is `1.5`. `-0.0` is not `0`; a number beyond every
/// double stays as it was written.
struct CanonicalDocument {
    private(set) var bytes: [UInt8] = []
    private var moved: [UInt8] = []

    private struct Member {
        let key: Range<Int>
        let end: Int
    }

    /// - Parameter range: one document; nothing may follow it.
    mutating func read(_ source: [UInt8], _ range: Range<Int>) throws(JSONSyntaxError) {
        bytes.removeAll(keepingCapacity: true)
        var cursor = JSONCursor(source, in: range)
        cursor.skipSpace()
        guard cursor.isAt("{") else { throw cursor.failure("a document is no object") }
        try copyObject(&cursor, depth: 0)
        try cursor.finish()
    }

    private mutating func copyValue(_ cursor: inout JSONCursor, depth: Int) throws(JSONSyntaxError) {
        guard depth < JSONCursor.deepest else { throw cursor.failure("nested deeper than \(JSONCursor.deepest) levels") }
        cursor.skipSpace()
        switch cursor.next {
        case UInt8(ascii: "{"): try copyObject(&cursor, depth: depth)
        case UInt8(ascii: "["): try copyList(&cursor, depth: depth)
        case UInt8(ascii: "\""): try copyText(&cursor)
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): bytes += try cursor.verbatim()
        case nil: throw cursor.failure("the text ends too early")
        default: try copyNumber(&cursor)
        }
    }

    private mutating func copyObject(_ cursor: inout JSONCursor, depth: Int) throws(JSONSyntaxError) {
        try cursor.enterObject()
        bytes.append(UInt8(ascii: "{"))
        var members: [Member] = []
        var isSorted = true
        cursor.skipSpace()
        var isOpen = !cursor.take("}")
        while isOpen {
            cursor.skipSpace()
            guard cursor.isAt("\"") else { throw cursor.failure("expected a key") }
            let start = bytes.count
            try copyText(&cursor)
            let key = start + 1..<bytes.count - 1
            cursor.skipSpace()
            guard cursor.take(":") else { throw cursor.failure("expected ':'") }
            if depth == 0, isMadeAnew(key) {
                bytes.removeSubrange(start...)
                try cursor.skipValue()
            } else {
                bytes.append(UInt8(ascii: ":"))
                try copyValue(&cursor, depth: depth + 1)
                bytes.append(UInt8(ascii: ","))
                if let last = members.last, !isBefore(last.key, key) { isSorted = false }
                members.append(Member(key: key, end: bytes.count))
            }
            cursor.skipSpace()
            isOpen = cursor.take(",")
            if !isOpen, !cursor.take("}") { throw cursor.failure("expected ',' or '}'") }
        }
        if !isSorted { sort(&members) }
        if members.isEmpty { bytes.append(UInt8(ascii: "}")) } else { bytes[bytes.count - 1] = UInt8(ascii: "}") }
    }

    /// Each member ends with its comma, so that they can change places.
    private mutating func sort(_ members: inout [Member]) {
        guard let start = members.first.map({ $0.key.lowerBound - 1 }) else { return }
        let order = members.indices.sorted { isBefore(members[$0].key, members[$1].key) }
        moved.removeAll(keepingCapacity: true)
        for index in order { moved += bytes[members[index].key.lowerBound - 1..<members[index].end] }
        bytes.replaceSubrange(start..., with: moved)
    }

    private func isBefore(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        let text = bytes.span
        let common = min(a.count, b.count)
        for offset in 0..<common where text[a.lowerBound + offset] != text[b.lowerBound + offset] {
            return text[a.lowerBound + offset] < text[b.lowerBound + offset]
        }
        return a.count < b.count
    }

    private func isMadeAnew(_ key: Range<Int>) -> Bool {
        guard (3...4).contains(key.count), bytes[key.lowerBound] == UInt8(ascii: "_") else { return false }
        return bytes[key].elementsEqual("_id".utf8) || bytes[key].elementsEqual("_rev".utf8)
    }

    private mutating func copyList(_ cursor: inout JSONCursor, depth: Int) throws(JSONSyntaxError) {
        try cursor.enterArray()
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        var separates = false
        while try cursor.nextItem(isFirst: &isFirst) {
            if separates { bytes.append(UInt8(ascii: ",")) }
            separates = true
            try copyValue(&cursor, depth: depth + 1)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func copyText(_ cursor: inout JSONCursor) throws(JSONSyntaxError) {
        let start = cursor.position
        try cursor.skipString()
        let text = cursor.bytes[start..<cursor.position]
        guard text.contains(UInt8(ascii: "\\")) else {
            bytes += text
            return
        }
        cursor.position = start
        JSONEscape.write(try cursor.text(), to: &bytes)
    }

    private mutating func copyNumber(_ cursor: inout JSONCursor) throws(JSONSyntaxError) {
        let start = cursor.position
        try cursor.skipNumber()
        let number = cursor.bytes[start..<cursor.position]
        if number.elementsEqual("-0".utf8) || !number.dropFirst().allSatisfy({ $0.isDigit }) {
            let text = String(decoding: number, as: UTF8.self)
            guard let value = Double(text), value.isFinite else {
                bytes += number
                return
            }
            if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53, !(whole == 0 && value.sign == .minus) {
                bytes += String(whole).utf8
            } else {
                bytes += value.description.utf8
            }
        } else {
            bytes += number
        }
    }
}
