import Bindings
import Recovery

/// What a file is called until it is whole: after it, and after the one who writes it.
struct UnfinishedFile: Sendable {
    let file: String

    init(of file: String) { self.file = file }

    private static let suffix = ".part"

    /// A new one each time.
    func name(for owner: Owner) -> String { "\(file).\(owner.text)=\(randomHex(8))\(Self.suffix)" }

    /// Who was killed could not do it.
    func removeThoseOfTheDead(seenFrom us: Owner) {
        let slash = file.lastIndex(of: "/")
        let folder = slash.map { String(file[...$0]) } ?? "."
        let beginning = file[(slash.map { file.index(after: $0) } ?? file.startIndex)...] + "."
        for entry in (try? Files.list(folder)) ?? [] where entry.name.hasPrefix(beginning) && entry.name.hasSuffix(Self.suffix) {
            let words = entry.name.dropFirst(beginning.count).dropLast(Self.suffix.count).split(separator: "=")
            guard words.count == 2, Owner(String(words[0]))?.isDead(seenFrom: us, isAlive: processIsAlive) == true else { continue }
            _ = try? Files.removeFile("\(folder)/\(entry.name)")
        }
    }
}
