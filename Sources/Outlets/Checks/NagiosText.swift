/// Text for the output of a monitoring plugin: one line of ASCII. A bar would begin performance data, and angle brackets,
/// ampersands, dollars and backquotes mean something to the pages and commands that the text ends up in.
enum NagiosText {
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.replacing(Readable.thinSpace, with: " ").visible.replacing("⏎", with: " ").replacing("⇥", with: " ")
            .unicodeScalars
        {
            switch scalar {
            case "|", "<", ">", "&", "$", "`": escaped += scalar.spelledOut
            case "…": escaped += "..."
            case "–", "—": escaped += "-"
            case " "..."~": escaped.unicodeScalars.append(scalar)
            default: escaped += scalar.spelledOut
            }
        }
        return escaped
    }

    /// Escaped, and at most so many bytes long.
    static func cut(_ text: String, to limit: Int) -> String {
        let whole = escape(text)
        guard whole.utf8.count > limit else { return whole }
        return whole.prefix(limit - 3) + "..."
    }
}
