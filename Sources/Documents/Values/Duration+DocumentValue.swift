/// How long something takes or may take: `d h min s`, as in `26h`, `1h30min`, `90s`, `7d`. Whole seconds, at most a hundred years.
extension Duration: ScalarValue {
    package static var form: String { "a duration" }
    package static var placeholder: Duration { .seconds(60) }
    package static var scalarSchema: JSONSchema { .string(pattern: "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+min)?([0-9]+s)?$") }

    private static var units: [(name: String, seconds: Int)] { [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)] }

    package init(scalar text: String) throws(Mistake) {
        guard let amounts = try UnitText.amounts(in: text, units: Self.units.map(\.name)) else {
            throw Mistake("\(text.quoted) is not a duration", hint: Self.hint(for: text))
        }
        var total = 0
        for (name, amount) in amounts {
            let seconds = Self.units.first { $0.name == name }?.seconds ?? 0
            let (product, tooLarge) = amount.multipliedReportingOverflow(by: seconds)
            let (sum, overflow) = total.addingReportingOverflow(product)
            guard !tooLarge, !overflow, sum <= 36_525 * 86_400 else { throw Mistake("\(text.quoted) is longer than a hundred years") }
            total = sum
        }
        self = .seconds(total)
    }

    private static func hint(for text: String) -> String {
        if text.hasPrefix("-") { return "a duration cannot be negative" }
        let closed = text.filter { !$0.isWhitespace }.lowercased()
        if let match = closed.wholeMatch(of: /((?:[0-9]+[dh])*[0-9]+)m((?:[0-9]+s)?)/), match.output.1.count < 40 {
            return "write min for minutes: \(match.output.1)min\(match.output.2)"
        }
        if closed.wholeMatch(of: /[0-9]{1,18}/) != nil { return "name the unit: \(closed)s, \(closed)min, \(closed)h or \(closed)d" }
        if closed != text, (try? Duration(scalar: closed)) != nil { return "write \(closed)" }
        return "d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d"
    }

    /// Hours up to two days, since people count backups' ages in them; days from there on.
    package var canonical: String {
        let (seconds, attoseconds) = components
        guard seconds > 0 || attoseconds > 0 else { return "0s" }
        var rest = Int(seconds)
        var text = ""
        for (name, size) in Self.units where name != "d" || seconds >= 2 * 86_400 {
            let amount = rest / size
            rest -= amount * size
            let fraction = name == "s" && attoseconds > 0 ? "." + Self.decimals(attoseconds) : ""
            if amount > 0 || !fraction.isEmpty { text += "\(amount)\(fraction)\(name)" }
        }
        return text
    }

    /// To the millisecond: only code makes such durations, documents cannot.
    private static func decimals(_ attoseconds: Int64) -> String {
        let thousandths = String(attoseconds / 1_000_000_000_000_000)
        return String(repeating: "0", count: 3 - thousandths.count) + thousandths
    }
}
