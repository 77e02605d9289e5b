import Recovery

extension Readable {
    /// What a backup holds in all: `500 rows, 1 table, 7.2 MiB at its source`.
    package static func totals(_ totals: [String: Int64]) -> String {
        var words = totals.filter { $0.key != sourceBytes }.sorted { $0.key < $1.key }.map { count($0.value, of: $0.key) }
        if let size = totals[sourceBytes] { words.append("\(bytes(size)) at its source") }
        return words.joined(separator: ", ")
    }

    /// Engines call what they count in the plural: `1 table`, `2 tables`.
    package static func count(_ number: Int64, of many: String) -> String {
        "\(count(number)) \(number == 1 ? one(of: many) : many)"
    }

    private static func one(of many: String) -> String {
        if many == "aliases" { return String(many.dropLast(2)) }
        return many.hasSuffix("s") ? String(many.dropLast()) : many
    }

    private static let sourceBytes = "bytes"
}
