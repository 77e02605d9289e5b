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
            guard let seconds = Self.seconds(text) else { return true }
            return seconds + after > Double(moment.millisecondsSince1970) / 1000
        default: return true
        }
    }

    /// Since 1970, of a date as servers read it: `2026-11-26`, then perhaps a time behind `T` or a blank, with or without seconds, and a zone,
    /// UTC when there is none. Nil for what is none.
    static func seconds(_ text: String) -> Double? {
        // What most of them look like, and is read much faster; nothing may follow the Z.
        if text.utf8.last == UInt8(ascii: "Z"), [20, 24].contains(text.utf8.count), let time = Timestamp(text) {
            return Double(time.millisecondsSince1970) / 1000
        }
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ]([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d)(\.\d+)?)?)?([zZ]|[+-]\d{2}:?\d{2})?/)
        else { return nil }
        func two(_ part: Substring?, _ standard: String) -> String { String("0\(part ?? Substring(standard))".suffix(2)) }
        let parts = match.output
        let day = "\(parts.1)-\(two(parts.2, "1"))-\(two(parts.3, "1"))"
        guard let whole = Timestamp("\(day)T\(two(parts.4, "0")):\(two(parts.5, "0")):\(two(parts.6, "0"))Z") else { return nil }
        return Double(whole.millisecondsSince1970) / 1000 + (parts.7.flatMap { Double("0\($0)") } ?? 0) - offset(parts.8)
    }

    /// Seconds that a zone's clock is ahead.
    private static func offset(_ zone: Substring?) -> Double {
        guard let zone, zone.count > 1 else { return 0 }
        let digits = zone.dropFirst().filter { $0 != ":" }
        let minutes = (Double(digits.prefix(2)) ?? 0) * 60 + (Double(digits.suffix(2)) ?? 0)
        return (zone.first == "-" ? -60 : 60) * minutes
    }
}
