extension String {
    /// How many columns a terminal gives to this text: two for the wide characters of East Asia and for pictures,
    /// none for marks that combine with the letter before them.
    package var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// Cut to `width` columns, with `…` as the last one when something was cut.
    package func fitted(to width: Int) -> String {
        guard columns > width else { return self }
        guard width > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in self {
            let wide = String(character).columns
            guard used + wide <= width - 1 else { break }
            kept.append(character)
            used += wide
        }
        return kept + "…"
    }

    /// Broken at spaces into lines of at most `width` columns. A word that is longer stays whole: paths, hashes and
    /// commands are there to be copied.
    package func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        // Empty words count: two spaces in a value may be the very difference that was found.
        for (place, word) in split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let wide = String(word).columns
            if used > 0, used + 1 + wide > width {
                lines.append(line)
                line = ""
                used = 0
            } else if place > 0 {
                line += " "
                used += 1
            }
            line += word
            used += wide
        }
        lines.append(line)
        return lines
    }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
