/// A pattern in which `*` stands for any characters.
struct Glob {
    private let pieces: [[Unicode.Scalar]]

    init(_ pattern: String) {
        pieces = pattern.unicodeScalars.split(separator: "*", omittingEmptySubsequences: false).map(Array.init)
    }

    func matches(_ name: String) -> Bool {
        var rest = Array(name.unicodeScalars)[...]
        guard let first = pieces.first, let last = pieces.last else { return rest.isEmpty }
        guard pieces.count > 1 else { return rest.elementsEqual(first) }
        guard rest.starts(with: first) else { return false }
        rest = rest.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() {
            guard let start = rest.indices.first(where: { rest[$0...].starts(with: piece) }) ?? (piece.isEmpty ? rest.startIndex : nil)
            else {
                return false
            }
            rest = rest[(start + piece.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }
}
