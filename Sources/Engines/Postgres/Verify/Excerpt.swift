/// Two long texts, shortened to where they first differ.
enum Excerpt {
    static func of(_ a: String, _ b: String, limit: Int = 200) -> (String, String) {
        guard a.utf8.count > limit || b.utf8.count > limit else { return (a, b) }
        let common = zip(a.unicodeScalars, b.unicodeScalars).prefix { $0 == $1 }.count
        return (around(common, of: a, limit), around(common, of: b, limit))
    }

    private static func around(_ position: Int, of text: String, _ limit: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        let start = max(0, min(position, scalars.count) - limit / 4)
        let end = min(scalars.count, start + limit)
        var piece = String.UnicodeScalarView()
        piece.append(contentsOf: scalars[start..<end])
        return (start > 0 ? "… " : "") + String(piece) + (end < scalars.count ? " …" : "")
    }
}
