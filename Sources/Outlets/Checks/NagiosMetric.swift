import Recovery

/// One value of performance data: `'age nightly/app-db'=2531s;;93600;0`.
struct NagiosMetric {
    let text: String

    private init(_ label: String, _ value: String, warning: String = "", critical: String = "", minimum: String = "") {
        var fields = ["'\(label.replacing("'", with: "''"))'=\(value)", warning, critical, minimum]
        while fields.last == "" { fields.removeLast() }
        text = fields.joined(separator: ";")
    }

    static func all(of items: [CheckItem]) -> [NagiosMetric] {
        var labels = Labels()
        return items.flatMap { item in
            [
                NagiosMetric(
                    labels.label("age", item), item.ageSeconds.map { "\(whole($0))s" } ?? "U", critical: limit(item.maxAgeSeconds),
                    minimum: "0"),
                NagiosMetric(
                    labels.label("size", item), item.bytes.map { "\($0)B" } ?? "U",
                    warning: item.likelyBytes.map { "\($0.lowerBound):\($0.upperBound)" } ?? "",
                    critical: item.minBytes.map { "\($0):" } ?? "",
                    minimum: "0"),
                NagiosMetric(
                    labels.label("proof", item), item.provenAgeSeconds.map { "\(whole($0))s" } ?? "U",
                    warning: limit(item.provenWithinSeconds),
                    minimum: "0"),
                NagiosMetric(labels.label("sets", item), item.sets.map(String.init) ?? "U", minimum: "0"),
            ]
        }
    }

    private static func whole(_ seconds: Double) -> Int64 { Int64(min(max(0, seconds), 9e15)) }

    private static func limit(_ seconds: Double?) -> String { seconds.map { "\(whole($0))" } ?? "" }
}

/// Labels that differ in their first nineteen characters, as the guideline wants, and that depend on nothing but the name: a
/// graph goes on when another policy is added.
private struct Labels {
    private var used: Set<String> = []

    mutating func label(_ what: String, _ item: CheckItem) -> String {
        let name = "\(item.policy)/\(item.target)"
        let plain = NagiosText.escape("\(what) \(name)").replacing("=", with: "\\u{3D}")
        var label = plain.utf8.count <= Self.longest ? plain : Self.short(plain, salt: "")
        var salt = 0
        while !used.insert(label).inserted {
            salt += 1
            label = Self.short(plain, salt: String(salt))
        }
        return label
    }

    private static let longest = 19

    /// The beginning, and something that stands for all of it.
    private static func short(_ label: String, salt: String) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in (label + salt).utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash & 0xFFFFF, radix: 16)
        return "\(label.prefix(longest - 6))~\(String(repeating: "0", count: 5 - digits.count))\(digits)"
    }
}
