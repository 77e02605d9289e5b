import Documents

/// `shard_key_mapping.json`: which shards belong to which key, in the forms that servers have given it.
enum ShardKeys {
    static func read(_ json: JSONValue?) -> [String: Set<Int>] {
        var keys: [String: Set<Int>] = [:]
        func add(_ key: JSONValue?, _ shards: JSONValue?) {
            guard let name = key?.string ?? key?.int.map(String.init) else { return }
            let ids = shards?.array?.compactMap(\.int) ?? shards?.int.map { [$0] } ?? []
            keys[name, default: []].formUnion(ids.compactMap { Int(exactly: $0) })
        }
        for item in json?.array ?? [] { add(item["key"], item["shard_ids"] ?? item["shard_id"]) }
        for member in json?.members ?? [] { add(.string(member.key), member.value) }
        return keys
    }
}
