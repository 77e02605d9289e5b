import Documents

/// One body for `PUT …/points?wait=true`.
package struct UpsertBody: Sendable {
    package let bytes: [UInt8]
    /// How many points are inside.
    package let count: Int
    package let shardKey: ShardKey?

    /// What a server takes unless it is configured otherwise.
    package static let serverLimit = 32 << 20
}

/// Makes upsert bodies out of points as they were read, keeping their bytes: numbers are not read and printed again on the way.
///
/// Drops what an upsert does not take (`version`, `score`, `order_value`), and puts points that live under different shard keys in
/// different bodies, since a body has one shard key.
package struct UpsertBodies: Sendable {
    private struct Open {
        var points: [UInt8] = []
        var count = 0
    }

    private let budget: Int
    private var open: [ShardKey?: Open] = [:]
    private var held = 0
    /// Points with a `null` in a vector: an infinity or NaN that the server could not print. It refuses the whole body that has one, so
    /// they are left out and named here.
    package private(set) var unwritable: [PointID] = []

    /// - Parameter budget: how many bytes a body may have. A single point that is larger still gets a body of its own.
    package init(budget: Int = 4 << 20) { self.budget = budget }

    /// Takes a point as it stands in an answer or a backup; gives the bodies that are full now.
    package mutating func add(_ point: ArraySlice<UInt8>) throws(JSONSyntaxError) -> [UpsertBody] {
        let record = try Record(reading: point)
        guard record.isWritable else {
            unwritable.append(record.id)
            return []
        }
        var full: [UpsertBody] = []
        let room = budget - Self.frame(record.shardKey)
        if let group = open[record.shardKey], group.points.count + 1 + record.bytes.count > room {
            full += close(record.shardKey)
        }
        var group = open.removeValue(forKey: record.shardKey) ?? Open()
        let before = group.points.count
        if group.count > 0 { group.points.append(UInt8(ascii: ",")) }
        group.points += record.bytes
        group.count += 1
        held += group.points.count - before
        open[record.shardKey] = group
        // Many shard keys with a little each must not fill the memory either.
        while held > 2 * budget, let largest = open.max(by: { $0.value.points.count < $1.value.points.count }) {
            full += close(largest.key)
        }
        return full
    }

    /// What is left when there are no more points, in the order of shard keys.
    package mutating func finish() -> [UpsertBody] {
        open.keys.sorted { ($0?.json ?? []).lexicographicallyPrecedes($1?.json ?? []) }.flatMap { close($0) }
    }

    private mutating func close(_ key: ShardKey?) -> [UpsertBody] {
        guard let group = open.removeValue(forKey: key) else { return [] }
        held -= group.points.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(group.points.count + Self.frame(key))
        bytes += "{\"points\":[".utf8
        bytes += group.points
        bytes += "]".utf8
        if let key {
            bytes += ",\"shard_key\":".utf8
            bytes += key.json
        }
        bytes += "}".utf8
        return [UpsertBody(bytes: bytes, count: group.count, shardKey: key)]
    }

    /// How many bytes a body has around its points.
    private static func frame(_ key: ShardKey?) -> Int {
        "{\"points\":[]}".utf8.count + (key.map { ",\"shard_key\":".utf8.count + $0.json.count } ?? 0)
    }
}

/// A point as an upsert takes it.
private struct Record {
    let id: PointID
    let shardKey: ShardKey?
    let bytes: ArraySlice<UInt8>
    let isWritable: Bool

    init(reading point: ArraySlice<UInt8>) throws(JSONSyntaxError) {
        var cursor = JSONCursor(Array(point))
        var (id, shardKey): (PointID?, ShardKey?) = (nil, nil)
        var members: [String: ArraySlice<UInt8>] = [:]
        var hasOthers = false
        var nulls = 0
        try cursor.enterObject()
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            let name = String(decoding: key, as: UTF8.self)
            guard members[name] == nil else { throw cursor.failure("'\(name)' appears twice in a point") }
            let before = cursor
            let value = try cursor.verbatim()
            members[name] = value
            var again = before
            switch name {
            case "id": id = try again.pointID()
            case "vector": nulls = cursor.nulls - before.nulls
            case "payload": break
            case "shard_key":
                shardKey = try again.shardKey()
                hasOthers = true
            default: hasOthers = true
            }
        }
        try cursor.finish()
        guard let id else { throw cursor.failure("a point has no 'id'") }
        self.id = id
        self.shardKey = shardKey
        isWritable = nulls == 0
        // An upsert without vectors needs to say so.
        bytes = hasOthers || members["vector"] == nil ? Self.rebuilt(members) : point
    }

    private static func rebuilt(_ members: [String: ArraySlice<UInt8>]) -> ArraySlice<UInt8> {
        var bytes = Array("{\"id\":".utf8)
        bytes += members["id"] ?? []
        bytes += ",\"vector\":".utf8
        bytes += members["vector"] ?? Array("{}".utf8)[...]
        if let payload = members["payload"] {
            bytes += ",\"payload\":".utf8
            bytes += payload
        }
        bytes += "}".utf8
        return bytes[...]
    }
}
