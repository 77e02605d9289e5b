import Documents

/// A point as the server prints it, with its float32 exact.
package struct Point: Sendable {
    package struct Vector: Sendable {
        /// Empty for the unnamed vector, as the server has it too.
        package let name: String
        package let value: PointVector
    }

    package let id: PointID
    /// Sorted by the bytes of their names.
    package let vectors: [Vector]
    package let shardKey: ShardKey?
    package let payload: CanonicalPayload
    /// Whether some value of a vector was `null`, or beyond float32 (`1e39`). The server refuses to take such a point back (400).
    package let hasUnreadableValues: Bool

    package init(id: PointID, vectors: [String: PointVector], shardKey: ShardKey? = nil, payload: CanonicalPayload = .empty) {
        self.init(
            id: id, vectors: vectors.map { Vector(name: $0.key, value: $0.value) }, shardKey: shardKey, payload: payload,
            hasUnreadableValues: vectors.values.contains(where: \.hasUnreadableValues))
    }

    private init(id: PointID, vectors: [Vector], shardKey: ShardKey?, payload: CanonicalPayload, hasUnreadableValues: Bool) {
        self.id = id
        self.vectors = vectors.count < 2 ? vectors : vectors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.shardKey = shardKey
        self.payload = payload
        self.hasUnreadableValues = hasUnreadableValues
    }

    /// The vector of exactly these bytes; Swift's `==` would take two Unicode forms of a name for one.
    package subscript(name: String) -> PointVector? { vectors.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }

    package init(reading bytes: ArraySlice<UInt8>) throws(JSONSyntaxError) {
        try self.init(reading: Array(bytes), in: 0..<bytes.count)
    }

    /// Reads a point that stands within more text: `page.body` and one of its ranges.
    package init(reading text: [UInt8], in range: Range<Int>) throws(JSONSyntaxError) {
        var cursor = JSONCursor(text, in: range)
        var seen = Members()
        try cursor.enterObject()
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) { try seen.read(String(decoding: key, as: UTF8.self), at: &cursor) }
        try cursor.finish()
        guard let id = seen.id else { throw cursor.failure("a point has no 'id'") }
        self.init(
            id: id, vectors: seen.vectors ?? [], shardKey: seen.shardKey ?? nil, payload: seen.payload ?? .empty,
            hasUnreadableValues: seen.hasUnreadableValues)
    }

    private struct Members {
        var id: PointID?
        var vectors: [Vector]?
        var shardKey: ShardKey??
        var payload: CanonicalPayload?
        var hasUnreadableValues = false

        mutating func read(_ key: String, at cursor: inout JSONCursor) throws(JSONSyntaxError) {
            switch key {
            case "id" where id == nil: id = try cursor.pointID()
            case "vector" where vectors == nil:
                var reader = VectorReader(cursor: cursor)
                vectors = try reader.vectors()
                hasUnreadableValues = reader.hasUnreadableValues
                cursor = reader.cursor
            case "shard_key" where shardKey == nil: shardKey = .some(try cursor.shardKey())
            case "payload" where payload == nil: payload = try CanonicalPayload(reading: &cursor)
            case "id", "vector", "shard_key", "payload": throw cursor.failure("'\(key)' appears twice in a point")
            default: try cursor.skipValue()
            }
        }
    }
}
