/// An amount of bytes: `1MiB`, `1.5GiB`, `500MB`; a bare number is bytes.
package struct ByteSize: ScalarValue, Hashable, Comparable, CustomStringConvertible {
    /// Never negative.
    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = max(0, bytes) }

    private static let units: [(name: String, bytes: Int64)] = [
        ("PiB", 1 << 50), ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("PB", 1_000_000_000_000_000), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
    ]

    package init(scalar text: String) throws(Mistake) {
        guard let match = text.wholeMatch(of: /([0-9]+)(?:\.([0-9]{1,3}))?(B|[KMGTP]i?B)?/) else {
            throw Mistake("\(text.quoted) is not a size", hint: Self.hint(for: text))
        }
        let unit = match.output.3.flatMap { name in Self.units.first { $0.name == name }?.bytes } ?? 1
        let decimals = match.output.2.map(String.init) ?? ""
        guard decimals.isEmpty || unit > 1 else { throw Mistake("\(text.quoted) is not a whole number of bytes") }
        let thousandths = Int64(decimals + String(repeating: "0", count: 3 - decimals.count)) ?? 0
        guard let amount = Int64(match.output.1), case (let whole, false) = amount.multipliedReportingOverflow(by: unit),
            case (let bytes, false) = whole.addingReportingOverflow(unit / 1000 * thousandths + unit % 1000 * thousandths / 1000)
        else { throw Mistake("\(text.quoted) is too large a size") }
        self.bytes = bytes
    }

    private static func hint(for text: String) -> String {
        if text.hasPrefix("-") { return "a size cannot be negative" }
        let closed = text.filter { !$0.isWhitespace }
        if let match = closed.wholeMatch(of: /([0-9]{1,18}(?:\.[0-9]{1,3})?)([kmgtp])(i?)b?/.ignoresCase()) {
            let unit = match.output.2.uppercased()
            return match.output.3.isEmpty && closed.last?.lowercased() != "b"
                ? "write \(match.output.1)\(unit)iB, or \(match.output.1)\(unit)B for powers of ten"
                : "write \(match.output.1)\(unit)\(match.output.3.lowercased())B"
        }
        return "write a number and B, KiB, MiB, GiB, TiB (or KB, MB, GB, TB for powers of ten), as in 1.5GiB"
    }

    package static var form: String { "a size" }
    package static var placeholder: ByteSize { ByteSize(1) }
    package static var scalarSchema: JSONSchema {
        .anyOf([JSONSchema.integer().adding([.init("minimum", 0)]), .string(pattern: #"^[0-9]+(\.[0-9]{1,3})?(B|[KMGTP]i?B)$|^[0-9]+$"#)])
    }

    /// The shortest exact form with at most one decimal: `1.5GiB`, `500MB`, `1234B`.
    package var canonical: String {
        var shortest = "\(bytes)B"
        for (name, size) in Self.units where size > 1 && bytes >= size {
            let (tenths, overflow) = (bytes % size).multipliedReportingOverflow(by: 10)
            guard !overflow, tenths % size == 0 else { continue }
            let text = tenths == 0 ? "\(bytes / size)\(name)" : "\(bytes / size).\(tenths / size)\(name)"
            if text.count < shortest.count { shortest = text }
        }
        return shortest
    }

    /// For people, to one decimal: `1.4 GiB`. Not meant to be read back.
    package var description: String {
        guard let unit = Self.units.first(where: { $0.name.hasSuffix("iB") && bytes >= $0.bytes }) else { return "\(bytes) B" }
        let (whole, rest) = (bytes / unit.bytes, bytes % unit.bytes)
        let tenths = whole * 10 + rest / (unit.bytes / 1024) * 10 / 1024
        return "\(tenths / 10).\(tenths % 10) \(unit.name)"
    }

    package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }
}
