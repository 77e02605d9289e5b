/// What looks like a secret on a line, whatever a diagnostic is about: a value after a key that says so, and the password of an address.
/// A parser that stopped at a missing quote cannot know better.
enum SecretLookalikes {
    private static let words = [
        "passw", "pasw", "passphrase", "secret", "token", "api_key", "api-key", "apikey", "access_key", "private_key", "credential",
    ]

    /// The places to hide, counted in scalars from 0.
    static func ranges(in line: [Unicode.Scalar]) -> [Range<Int>] { valuesOfTellingKeys(in: line) + passwordsOfAddresses(in: line) }

    private static func valuesOfTellingKeys(in line: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var keyStart = 0
        for (index, scalar) in line.enumerated() {
            switch scalar {
            case ":" where index + 1 == line.count || line[index + 1] == " " || line[index + 1] == "\t":
                let key = String(String.UnicodeScalarView(line[max(keyStart, index - 60)..<index])).lowercased()
                if words.contains(where: key.contains), let value = value(in: line, after: index + 1) { ranges.append(value) }
                keyStart = index + 1
            case " ", ",", "{", "[": keyStart = index + 1
            default: break
            }
        }
        return ranges
    }

    /// A list, a mapping and an expansion are shown: they refer to a secret, or are complained about as such.
    private static func value(in line: [Unicode.Scalar], after colon: Int) -> Range<Int>? {
        guard let start = line[colon...].firstIndex(where: { $0 != " " && $0 != "\t" }) else { return nil }
        let first = line[start]
        if first == "{" || first == "[" { return nil }
        if first == "\"" || first == "'" {
            if line[(start + 1)...].starts(with: "${".unicodeScalars) { return nil }
            let end = line[(start + 1)...].firstIndex(of: first) ?? line.count
            return start..<min(end + 1, line.count)
        }
        if line[start...].starts(with: "${".unicodeScalars) { return nil }
        return start..<(line[start...].firstIndex { $0 == "," || $0 == "}" } ?? line.count)
    }

    private static func passwordsOfAddresses(in line: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while let colon = line[index...].firstIndex(of: ":") {
            index = colon + 1
            guard line[index...].starts(with: "//".unicodeScalars) else { continue }
            index += 2
            let end = line[index...].firstIndex { $0 == "/" || $0 == " " } ?? line.count
            if let at = line[index..<end].lastIndex(of: "@"), let separator = line[index..<at].firstIndex(of: ":"), separator + 1 < at {
                ranges.append((separator + 1)..<at)
            }
            index = end
        }
        return ranges
    }
}
