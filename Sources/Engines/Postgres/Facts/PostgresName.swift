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

    /// The last part, still quoted where it was.
    static func last(_ quoted: String) -> String {
        var isQuoted = false
        var start = quoted.unicodeScalars.startIndex
        for index in quoted.unicodeScalars.indices {
            let scalar = quoted.unicodeScalars[index]
            if scalar == "\"" { isQuoted.toggle() }
            if scalar == ".", !isQuoted { start = quoted.unicodeScalars.index(after: index) }
        }
        return String(quoted.unicodeScalars[start...])
    }

    /// `public.f` and `integer, text` out of `public.f(integer, text)`.
    static func signature(_ function: String) -> (name: String, arguments: String)? {
        var isQuoted = false
        for index in function.unicodeScalars.indices {
            let scalar = function.unicodeScalars[index]
            if scalar == "\"" { isQuoted.toggle() }
            guard scalar == "(", !isQuoted else { continue }
            let arguments = function.unicodeScalars[function.unicodeScalars.index(after: index)...].dropLast()
            return (String(function.unicodeScalars[..<index]), String(arguments))
        }
        return nil
    }
}
