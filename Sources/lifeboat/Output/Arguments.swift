import Documents
import Recovery

/// The words behind a command, read once each: what is left over at the end is a mistake.
struct Arguments {
    private var words: [String]
    /// Options asked for so far, for suggestions.
    private var known: [String] = ["--help", "--config", "--json"]

    init(_ words: [String]) { self.words = words }

    /// Takes a flag such as `--json`; false when it is not there.
    mutating func flag(_ name: String) -> Bool {
        known.append(name)
        guard let index = ownWords.firstIndex(of: name) else { return false }
        words.remove(at: index)
        return true
    }

    /// Takes `--name value` or `--name=value`; the last one counts.
    mutating func option(_ name: String) throws(Failure) -> String? { try options(name).last }

    /// Takes every `--name value`.
    mutating func options(_ name: String) throws(Failure) -> [String] {
        known.append(name)
        var values: [String] = []
        while let index = ownWords.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) {
            let word = words.remove(at: index)
            if word != name {
                values.append(String(word.dropFirst(name.count + 1)))
            } else if index < words.count, words[index] != "--" {
                values.append(words.remove(at: index))
            } else {
                throw Failure(.usage, "\(name) needs a value", hint: "write \(name) VALUE or \(name)=VALUE")
            }
        }
        return values
    }

    /// Takes every `--name KEY=VALUE`.
    mutating func pairs(_ name: String) throws(Failure) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in try options(name) {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw Failure(.usage, "\(name) '\(text)' has no '='", hint: "write \(name) NAME=VALUE")
            }
            let key = String(text[..<equals])
            guard pairs.updateValue(String(text[text.index(after: equals)...]), forKey: key) == nil else {
                throw Failure(.usage, "\(name) \(key)=… is given twice")
            }
        }
        return pairs
    }

    /// Takes the next word that is not an option.
    mutating func word() -> String? {
        guard let index = words.firstIndex(where: { !$0.hasPrefix("--") || $0 == "-" }) else { return nil }
        return words.remove(at: index)
    }

    /// Takes the next word, which has to be there.
    mutating func required(_ what: String) throws(Failure) -> String {
        guard let word = word() else { throw Failure(.usage, "\(what) is missing") }
        return word
    }

    /// Everything has to have been taken by now.
    mutating func finish() throws(Failure) {
        guard let left = words.first(where: { $0 != "--" }) else { return }
        guard left.hasPrefix("-") else {
            throw Failure(.usage, "nothing is expected where '\(left)' stands", hint: "`lifeboat help` shows what each command takes")
        }
        let name = left.split(separator: "=").first.map(String.init) ?? left
        throw Failure(
            .usage, "unknown option \(name)",
            hint: known.closest(to: name).map { "did you mean \($0)?" } ?? "`lifeboat help` shows what each command takes")
    }

    /// The words before a lone `--`.
    private var ownWords: ArraySlice<String> { words.prefix { $0 != "--" } }
}
