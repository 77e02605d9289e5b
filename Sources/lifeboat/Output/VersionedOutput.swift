import Outlets

/// What a command prints with `--json`: an object that says which schema it obeys.
private struct VersionedOutput: Encodable {
    let schema: OutputSchema
    let members: [String: any Encodable]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(schema.name, forKey: Key("schema"))
        for (name, value) in members { try object.encode(value, forKey: Key(name)) }
    }
}

extension Output {
    /// The result, for a machine.
    func show(json schema: OutputSchema, _ members: [String: any Encodable]) throws {
        try show(json: VersionedOutput(schema: schema, members: members))
    }
}
