import Documents

/// How a collection is set up: `config.json` of a snapshot, or `config` of what a server answers.
package struct CollectionConfiguration: Sendable, Hashable {
    /// What is wrong with a configuration.
    package struct Mistake: Error, Sendable, Hashable {
        package let words: String
    }

    /// Exactly as it was written.
    package let json: JSONValue
    /// By name; the unnamed one is called "".
    package let vectors: [VectorConfiguration]
    package let sparseVectors: [SparseVectorConfiguration]
    /// With custom sharding: of each key.
    package let shardNumber: Int
    /// `auto` or `custom`.
    package let shardingMethod: String
    package let replicationFactor: Int
    package let writeConsistencyFactor: Int
    package let payloadIsOnDisk: Bool

    package init(_ json: JSONValue) throws(Mistake) {
        guard let params = json["params"], params.members != nil else { throw Mistake(words: "it has no 'params'") }
        self.json = json
        let quantization = json.present("quantization_config")
        vectors = try Self.vectors(params["vectors"], quantization)
        sparseVectors = try Self.sparseVectors(params["sparse_vectors"])
        shardNumber = try Self.number("shard_number", params) ?? 1
        shardingMethod = params["sharding_method"]?.string ?? "auto"
        replicationFactor = try Self.number("replication_factor", params) ?? 1
        writeConsistencyFactor = try Self.number("write_consistency_factor", params) ?? 1
        payloadIsOnDisk = params["on_disk_payload"]?.bool ?? false
        guard (1...1_000_000).contains(shardNumber) else { throw Mistake(words: "its 'shard_number' is \(shardNumber)") }
    }

    private static func number(_ key: String, _ params: JSONValue) throws(Mistake) -> Int? {
        guard let value = params[key], value != .null else { return nil }
        guard let number = value.int, number > 0 else { throw Mistake(words: "its '\(key)' is no number above zero") }
        return Int(number)
    }

    private static func vectors(_ json: JSONValue?, _ quantization: JSONValue?) throws(Mistake) -> [VectorConfiguration] {
        guard let json, json != .null else { return [] }
        guard let members = json.members else { throw Mistake(words: "its 'vectors' are no object") }
        // A collection may have a vector called "size".
        if json["size"]?.int != nil { return [try VectorConfiguration("", json, quantization)] }
        var vectors: [VectorConfiguration] = []
        for member in members { vectors.append(try VectorConfiguration(member.key, member.value, quantization)) }
        return vectors.sorted { $0.name < $1.name }
    }

    private static func sparseVectors(_ json: JSONValue?) throws(Mistake) -> [SparseVectorConfiguration] {
        guard let json, json != .null else { return [] }
        guard let members = json.members else { throw Mistake(words: "its 'sparse_vectors' are no object") }
        return members.map { SparseVectorConfiguration($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    /// Whether there is nothing that a search could look for: what a create with the wrong body makes.
    package var hasNoVectors: Bool { vectors.isEmpty && sparseVectors.isEmpty }
    package var uuid: JSONValue? { json.present("uuid") }
    package var metadata: JSONValue? { json.present("metadata") }
    package var strictMode: JSONValue? { json.present("strict_mode_config") }
}

extension JSONValue {
    /// The member of that name unless it is null. (The literal `nil` would be a JSON null here, and not nothing.)
    func present(_ key: String) -> JSONValue? {
        guard let value = self[key], value != .null else { return Optional.none }
        return value
    }
}

extension CollectionConfiguration {
    /// The body of `PUT /collections/{name}` that makes a collection like this one.
    ///
    /// Says everything: what is left out, the server's own defaults would fill.
    package var createBody: JSONValue {
        var body: [JSONValue.Member] = []
        for member in json["params"]?.members ?? [] where !member.key.hasPrefix(Self.fanOut) { body.append(member) }
        for (key, name) in [
            ("hnsw_config", "hnsw_config"), ("optimizer_config", "optimizers_config"), ("wal_config", "wal_config"),
            ("quantization_config", "quantization_config"), ("strict_mode_config", "strict_mode_config"), ("metadata", "metadata"),
        ] {
            if let value = json[key] { body.append(.init(name, value)) }
        }
        return .object(body.filter { $0.value != .null })
    }

    /// What only `PATCH /collections/{name}` takes, as its body; nil when there is nothing.
    package var patchBody: JSONValue? {
        let params = (json["params"]?.members ?? []).filter { $0.key.hasPrefix(Self.fanOut) && $0.value != .null }
        return params.isEmpty ? nil : .object([.init("params", .object(params))])
    }

    private static let fanOut = "read_fan_out_"
}
