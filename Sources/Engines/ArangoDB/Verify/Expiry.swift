import Documents
import Recovery

/// When the documents of a collection expire, by its ttl index: the server takes out what has, so that after a restore some are rightly gone.
struct Expiry: Sendable {
    private let attribute: String
    /// Seconds behind the moment that the attribute holds.
    private let after: Double

    /// Nil: the collection has no ttl index.
    init?(_ indexes: [StructureText.Index]) {
        guard let index = indexes.first(where: { $0.type == "ttl" }), let attribute = index.fields.first,
            let json = try? JSONValue(parsing: index.text)
        else { return nil }
        self.attribute = attribute
        after = json["expireAfter"]?.double ?? 0
    }

    /// Whether it has to be there at that moment. What has no time in the attribute stays for ever (contract 6).
    func outlives(_ document: ArraySlice<UInt8>, _ moment: Timestamp) -> Bool {
        guard let json = try? JSONValue(parsing: Array(document)) else { return true }
        var value: JSONValue? = json
        for name in attribute.split(separator: ".") { value = value?[String(name)] }
        switch value {
        case .int, .double: return (value?.double ?? 0) + after > Double(moment.millisecondsSince1970) / 1000
        case .string(let text):
            guard let time = Timestamp(text) else { return true }
            return Double(time.millisecondsSince1970) / 1000 + after > Double(moment.millisecondsSince1970) / 1000
        default: return true
        }
    }
}
