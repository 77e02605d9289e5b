import Recovery

/// Numbers as people read them, the same in every outlet.
package enum Readable {
    /// Between the thousands: narrow, and no line breaks there.
    package static let thinSpace = "\u{202F}"

    /// `12 480`.
    package static func count(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        guard digits.count > 4 else { return (number < 0 ? "-" : "") + digits }
        var grouped = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { grouped += thinSpace }
            grouped.append(digit)
        }
        return (number < 0 ? "-" : "") + grouped
    }

    /// `1 check`, `12 480 checks`.
    package static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(count(number)) \(number == 1 ? one : many)"
    }

    /// `862.4 MiB`; exact below one KiB.
    package static func bytes(_ bytes: Int64) -> String {
        guard bytes.magnitude >= 1024 else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
        var value = Double(bytes)
        for unit in ["KiB", "MiB", "GiB", "TiB"] {
            value /= 1024
            if value.magnitude < 1023.95 { return "\(tenths(value)) \(unit)" }
        }
        return "\(tenths(value / 1024)) PiB"
    }

    /// To one decimal, without help of a locale.
    static func tenths(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
