import Documents

extension Shape {
    /// A snapshot file of Qdrant.
    static let snapshot = object(
        [("file", .string()), ("sound", .boolean), ("checks", .array(of: .reference("#/$defs/check")))],
        optional: [
            ("failure", failure), ("kind", .choice(of: ["collection", "shard", "streamed-shard", "full"])), ("bytes", count),
            ("sha256", .string(pattern: "^[0-9a-f]{64}$")), ("aliases", .map(to: .string())), ("collections", .array(of: collection)),
            (
                "readable",
                object([("version", .string()), ("readable", .boolean)], optional: [("because", .string()), ("instead", .string())])
            ),
        ])

    private static let collection = object(
        [
            (
                "vectors",
                .array(
                    of: object(
                        [("name", .string()), ("size", count), ("distance", .string()), ("datatype", .string()), ("onDisk", .boolean)],
                        optional: [("multivector", .string()), ("quantization", .string())]))
            ),
            ("sparseVectors", .array(of: object([("name", .string()), ("onDisk", .boolean)], optional: [("modifier", .string())]))),
            ("payloadIndexes", .array(of: object([("field", .string()), ("schema", .string()), ("registered", .boolean)]))),
            (
                "shards",
                .array(
                    of: object(
                        [("segments", .array(of: .string())), ("replicas", .map(to: .string()))],
                        optional: [("id", count), ("pointsAtMost", count), ("peer", .integer()), ("local", .boolean)]))
            ), ("missingShards", .array(of: count)), ("rocksDB", .array(of: .string())),
        ],
        optional: [
            ("name", .string()), ("configuration", .string()), ("createBody", .string()), ("shardNumber", count),
            ("shardingMethod", .string()), ("replicationFactor", count), ("pointsAtMost", count),
        ])
}
