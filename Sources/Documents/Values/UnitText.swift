/// Amounts with units, largest first, each unit once: `1h30min`, `2y5m7d3h`.
enum UnitText {
    /// The amounts by unit; nil if the text is anything else. Throws if a number is too large.
    static func amounts(in text: String, units: [String]) throws(Mistake) -> [(unit: String, amount: Int)]? {
        guard text.wholeMatch(of: /(?:[0-9]+[a-z]+)+/) != nil else { return nil }
        var amounts: [(unit: String, amount: Int)] = []
        var remaining = units[...]
        for match in text.matches(of: /([0-9]+)([a-z]+)/) {
            let unit = String(match.output.2)
            guard let position = remaining.firstIndex(of: unit) else { return nil }
            guard let amount = Int(match.output.1) else { throw Mistake("\(text.quoted) is too large") }
            amounts.append((unit, amount))
            remaining = remaining[(position + 1)...]
        }
        return amounts
    }
}
