extension String {
    /// The text with everything a terminal would obey instead of show written as `\u{…}`: control characters, and marks that reorder or
    /// hide what surrounds them. Line breaks and tabs are escaped too, unless they are kept.
    package func escapedForTerminal(keepingLineBreaks: Bool = false) -> String {
        guard unicodeScalars.contains(where: \.commandsTerminals) else { return self }
        var escaped = ""
        for scalar in unicodeScalars {
            if !scalar.commandsTerminals || (keepingLineBreaks && (scalar == "\n" || scalar == "\t")) {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return escaped
    }

    /// The text in single quotes, cut to a length that fits into a sentence.
    package var quoted: String { "'\(clipped(to: 60))'" }

    /// At most `limit` characters; what is left out is shown by an ellipsis.
    package func clipped(to limit: Int) -> String {
        guard let end = index(startIndex, offsetBy: limit, limitedBy: endIndex), end != endIndex else { return self }
        return self[..<end] + "…"
    }
}

extension Unicode.Scalar {
    /// Whether a terminal, or a reader's eye, would be led astray by it.
    var commandsTerminals: Bool {
        switch value {
        case ..<0x20, 0x7F..<0xA0: true
        case 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// How many columns of a terminal it takes: 0, 1 or 2.
    var terminalWidth: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
