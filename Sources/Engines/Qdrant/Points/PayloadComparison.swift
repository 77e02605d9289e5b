import Documents

/// Finds where two payloads part.
enum PayloadComparison {
    /// The first path, in the order of sorted keys, at which they differ; nil if they are equal.
    static func firstDifference(expected: CanonicalPayload, actual: CanonicalPayload) -> PointDifference? {
        guard expected != actual else { return nil }
        // Both are canonical, so both can be read; should that ever fail, the whole texts still tell the truth.
        let found = try? difference(expected.bytes[...], actual.bytes[...], path: "")
        return found ?? PointDifference("payload", expected: shortened(expected.description), actual: shortened(actual.description))
    }

    private typealias Text = ArraySlice<UInt8>

    private static func difference(_ expected: Text, _ actual: Text, path: String) throws(JSONSyntaxError) -> PointDifference? {
        if expected.elementsEqual(actual) { return nil }
        switch (expected.first, actual.first) {
        case (UInt8(ascii: "{"), UInt8(ascii: "{")): return try objectDifference(members(expected), members(actual), path: path)
        case (UInt8(ascii: "["), UInt8(ascii: "[")): return try arrayDifference(items(expected), items(actual), path: path)
        default: return leaf(expected, actual, path: path)
        }
    }

    private static func leaf(_ expected: Text?, _ actual: Text?, path: String) -> PointDifference {
        func shown(_ text: Text?) -> String { text.map { shortened(String(decoding: $0, as: UTF8.self)) } ?? "missing" }
        return PointDifference(path.isEmpty ? "payload" : "payload \(path)", expected: shown(expected), actual: shown(actual))
    }

    private static func objectDifference(
        _ expected: [(key: [UInt8], value: Text)], _ actual: [(key: [UInt8], value: Text)], path: String
    ) throws(JSONSyntaxError) -> PointDifference? {
        var (one, two) = (expected[...], actual[...])
        while let left = one.first ?? two.first {
            let key = two.first.map { $0.key.lexicographicallyPrecedes(left.key) ? $0.key : left.key } ?? left.key
            let inner = (path.isEmpty ? "" : path + ".") + pathPart(key)
            let value = one.first?.key == key ? one.popFirst()?.value : nil
            let other = two.first?.key == key ? two.popFirst()?.value : nil
            guard let value, let other else { return leaf(value, other, path: inner) }
            if let found = try difference(value, other, path: inner) { return found }
        }
        return nil
    }

    private static func arrayDifference(_ expected: [Text], _ actual: [Text], path: String) throws(JSONSyntaxError) -> PointDifference? {
        for index in 0..<max(expected.count, actual.count) {
            let inner = "\(path)[\(index)]"
            guard index < expected.count, index < actual.count else {
                return leaf(
                    index < expected.count ? expected[index] : nil, index < actual.count ? actual[index] : nil, path: inner)
            }
            if let found = try difference(expected[index], actual[index], path: inner) { return found }
        }
        return nil
    }

    /// Qdrant's own paths put keys with dots or brackets in quotes.
    private static func pathPart(_ key: [UInt8]) -> String {
        let text = String(decoding: key, as: UTF8.self)
        let isPlain = !key.isEmpty && !key.contains { UInt8(ascii: ".") == $0 || UInt8(ascii: "[") == $0 || UInt8(ascii: "\"") == $0 }
        return isPlain ? text : "\"\(text)\""
    }

    private static func members(_ text: Text) throws(JSONSyntaxError) -> [(key: [UInt8], value: Text)] {
        var cursor = JSONCursor(Array(text))
        try cursor.enterObject()
        var members: [(key: [UInt8], value: Text)] = []
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) { members.append((key, try cursor.verbatim())) }
        return members
    }

    private static func items(_ text: Text) throws(JSONSyntaxError) -> [Text] {
        var cursor = JSONCursor(Array(text))
        try cursor.enterArray()
        var items: [Text] = []
        var isFirst = true
        while try cursor.nextItem(isFirst: &isFirst) { items.append(try cursor.verbatim()) }
        return items
    }
}
