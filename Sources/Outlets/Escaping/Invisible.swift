extension Unicode.Scalar {
    /// Whether it would act on a reader instead of being read: control characters (ESC and C1 among them), marks
    /// that turn the direction of text, separators, zero-width characters, spaces that are not the space. Every outlet
    /// makes these visible, so that a name can neither drive a terminal nor look like another name.
    package var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        // The narrow one stands between our own thousands, the ideographic one is part of ordinary text.
        case .spaceSeparator: self != " " && self != "\u{202F}" && self != "\u{3000}"
        default: properties.isNoncharacterCodePoint
        }
    }

    /// `\u{1B}`, the way Swift writes it and any reader can look it up.
    package var spelledOut: String { "\\u{" + String(value, radix: 16, uppercase: true) + "}" }
}

extension String {
    /// The text in one line, with everything invisible spelled out and a line end shown as `⏎`.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isInvisible) else { return self }
        var shown = ""
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            switch scalar {
            case "\r": shown += "⏎"
            case "\n": if previous != "\r" { shown += "⏎" }
            case "\t": shown += "⇥"
            case _ where scalar.isInvisible: shown += scalar.spelledOut
            default: shown.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return shown
    }

    /// The first `limit` characters and how many were left out; the text itself when it is not longer.
    package func shortened(to limit: Int) -> String {
        guard let end = index(startIndex, offsetBy: limit, limitedBy: endIndex), end < endIndex else { return self }
        return self[..<end] + "… (\(Readable.count(distance(from: end, to: endIndex))) more characters)"
    }
}
