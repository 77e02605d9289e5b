import Documents

/// Where a point lives in a collection with custom sharding: a text or a number.
package struct ShardKey: Sendable, Hashable, CustomStringConvertible {
    /// As JSON, escapes normalised: the bytes tell two keys apart, also where Unicode would call two texts equal.
    package let json: [UInt8]

    package var description: String { String(decoding: json, as: UTF8.self) }
}

extension JSONCursor {
    /// The shard key ahead; nil for `null`.
    mutating func shardKey() throws(JSONSyntaxError) -> ShardKey? {
        if isAt("n") {
            try skipNull()
            return nil
        }
        if isAt("\"") {
            var json: [UInt8] = []
            JSONEscape.write(try text(), to: &json)
            return ShardKey(json: json)
        }
        let start = position
        guard let number = try unsigned() else {
            throw JSONSyntaxError(problem: "a shard key is neither a text nor a number", offset: start)
        }
        return ShardKey(json: Array(String(number).utf8))
    }
}
