import Testing

/// The output of a monitoring plugin, read as strictly as the guideline words it, and written without a look at our writer.
struct PluginOutput {
    struct Metric {
        let label: String
        let value: Double?
        let unit: String
        let warning: Range?
        let critical: Range?
        let minimum: Double?
        let maximum: Double?
    }

    /// `[@]start:end`; outside of it there is an alert, with `@` inside.
    struct Range {
        let start: Double
        let end: Double
        let isInverted: Bool

        func alerts(on value: Double) -> Bool { (start...end).contains(value) == isInverted }
    }

    struct Malformed: Error { let words: String }

    let state: String
    let text: String
    let metrics: [Metric]
    let lines: [String]

    init(_ output: String) throws {
        guard output.hasSuffix("\n") else { throw Malformed(words: "no line end") }
        guard output.utf8.count < 4096 else { throw Malformed(words: "\(output.utf8.count) bytes") }
        guard output.unicodeScalars.allSatisfy({ $0 == "\n" || (" "..."~").contains($0) }) else {
            throw Malformed(words: "not plain ASCII")
        }
        var all = output.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = all.removeFirst()
        lines = all
        guard all.allSatisfy({ !$0.contains("|") && !$0.isEmpty }) else { throw Malformed(words: "a bar or nothing in the long output") }
        let halves = first.split(separator: "|", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { throw Malformed(words: "two bars") }
        text = halves[0].trimmingSpaces
        guard let match = text.wholeMatch(of: /[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN) - .+/) else {
            throw Malformed(words: "no state: \(text)")
        }
        state = String(match.output.1)
        guard text.utf8.count < 220 || state == "UNKNOWN" else { throw Malformed(words: "the first line is too long") }
        metrics = halves.count == 2 ? try Self.metrics(Substring(halves[1].trimmingSpaces)) : []
        let starts = metrics.map { String($0.label.prefix(19)) }
        guard Set(starts).count == starts.count else { throw Malformed(words: "labels agree in their first 19 characters: \(starts)") }
    }

    private static func metrics(_ text: Substring) throws -> [Metric] {
        var rest = text
        var metrics: [Metric] = []
        while !rest.isEmpty {
            let label = try takeLabel(&rest)
            guard rest.first == "=" else { throw Malformed(words: "no = after \(label)") }
            let fields = rest.dropFirst().prefix { $0 != " " }
            rest = rest.dropFirst(1 + fields.count).drop { $0 == " " }
            metrics.append(try metric(label, fields.split(separator: ";", omittingEmptySubsequences: false).map(String.init)))
        }
        return metrics
    }

    private static func takeLabel(_ rest: inout Substring) throws -> String {
        guard rest.first == "'" else {
            let label = rest.prefix { $0 != "=" }
            guard !label.isEmpty, !label.contains(where: { " '".contains($0) }) else {
                throw Malformed(words: "label \(label) needs quotes")
            }
            rest = rest.dropFirst(label.count)
            return String(label)
        }
        rest = rest.dropFirst()
        var label = ""
        while let character = rest.popFirst() {
            if character != "'" {
                label.append(character)
            } else if rest.first == "'" {
                rest = rest.dropFirst()
                label.append("'")
            } else {
                return label
            }
        }
        throw Malformed(words: "a quote is not closed")
    }

    private static func metric(_ label: String, _ fields: [String]) throws -> Metric {
        guard fields.count <= 5, let match = fields.first?.wholeMatch(of: /(U|-?[0-9]+(?:\.[0-9]+)?)(s|us|ms|%|B|KB|MB|TB|c)?/) else {
            throw Malformed(words: "value of \(label): \(fields)")
        }
        func number(_ index: Int) throws -> Double? {
            guard fields.indices.contains(index), !fields[index].isEmpty else { return nil }
            guard fields[index].wholeMatch(of: /-?[0-9]+(?:\.[0-9]+)?/) != nil else {
                throw Malformed(words: "'\(fields[index])' is no number")
            }
            return Double(fields[index])
        }
        return Metric(
            label: label, value: Double(match.output.1), unit: match.output.2.map(String.init) ?? "", warning: try range(fields, 1),
            critical: try range(fields, 2), minimum: try number(3), maximum: try number(4))
    }

    private static func range(_ fields: [String], _ index: Int) throws -> Range? {
        guard fields.indices.contains(index), !fields[index].isEmpty else { return nil }
        guard let match = fields[index].wholeMatch(of: /(@)?(?:(~|-?[0-9]+(?:\.[0-9]+)?):)?(-?[0-9]+(?:\.[0-9]+)?)?/) else {
            throw Malformed(words: "'\(fields[index])' is no range")
        }
        let start = match.output.2.map { $0 == "~" ? -Double.infinity : Double($0) ?? 0 } ?? 0
        let end = match.output.3.flatMap { Double($0) } ?? .infinity
        guard start <= end else { throw Malformed(words: "'\(fields[index])' begins after its end") }
        return Range(start: start, end: end, isInverted: match.output.1 != nil)
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
