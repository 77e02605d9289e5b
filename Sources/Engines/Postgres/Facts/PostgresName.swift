/// Names as the server quotes them: `public.books`, `"A ""b"""."c.d"`.
enum PostgresName {
    /// The parts between the dots, without quotes.
    static func parts(_ quoted: String) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var isQuoted = false
        var previous: Unicode.Scalar?
        for scalar in quoted.unicodeScalars {
            switch scalar {
            case "\"":
                // A quote that follows the closing one means a quote inside the name.
                if !isQuoted, previous == "\"" { part.append("\"") }
                isQuoted.toggle()
            case "." where !isQuoted:
                parts.append(String(part))
                part = String.UnicodeScalarView()
            default: part.append(scalar)
            }
            previous = scalar
        }
        parts.append(String(part))
        return parts
    }
}
