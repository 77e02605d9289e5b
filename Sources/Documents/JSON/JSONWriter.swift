extension JSONValue {
    /// How it is written down.
    package struct Style: Sendable {
        package let isPretty: Bool
        package let sortsKeys: Bool

        package static let compact = Style(isPretty: false, sortsKeys: false)
        package static let pretty = Style(isPretty: true, sortsKeys: false)
        /// The same value always gives the same bytes.
        package static let canonical = Style(isPretty: false, sortsKeys: true)
        package static let prettySorted = Style(isPretty: true, sortsKeys: true)
    }

    /// Escapes what a terminal or a script would obey: control characters, line separators, marks that reorder text. JSON has no word for
    /// a number that is not finite: it is written as null.
    package func text(_ style: Style = .compact) -> String {
        var output = ""
        write(to: &output, style: style, indentation: 0)
        return output
    }

    private func write(to output: inout String, style: Style, indentation: Int) {
        switch self {
        case .null: output += "null"
        case .bool(let flag): output += flag ? "true" : "false"
        case .int(let number): output += String(number)
        case .double(let number): output += number.isFinite ? String(number) : "null"
        case .string(let text): Self.write(text, to: &output)
        case .array(let items):
            Self.write(items, in: ("[", "]"), to: &output, style, indentation) { item, output in
                item.write(to: &output, style: style, indentation: indentation + 1)
            }
        case .object(let members):
            let ordered = style.sortsKeys ? members.sorted { $0.key < $1.key } : members
            Self.write(ordered, in: ("{", "}"), to: &output, style, indentation) { member, output in
                Self.write(member.key, to: &output)
                output += style.isPretty ? ": " : ":"
                member.value.write(to: &output, style: style, indentation: indentation + 1)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], in brackets: (String, String), to output: inout String, _ style: Style, _ indentation: Int,
        item: (Item, inout String) -> Void
    ) {
        output += brackets.0
        for (index, each) in items.enumerated() {
            if index > 0 { output += "," }
            if style.isPretty { output += "\n" + String(repeating: "  ", count: indentation + 1) }
            item(each, &output)
        }
        if style.isPretty, !items.isEmpty { output += "\n" + String(repeating: "  ", count: indentation) }
        output += brackets.1
    }

    private static func write(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.commandsTerminals:
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    let digits = String(unit, radix: 16)
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
