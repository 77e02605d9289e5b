/// A fair sample of the different identifiers of a stream, in memory for the sample only.
///
/// Those with the smallest hashes are taken. So the same identifiers and the same seed give the same sample on every machine, whatever order
/// they come in, which no server promises; and one that comes often is no likelier to be taken than one that comes once.
struct IdentifierSample: Sendable {
    private struct Candidate: Sendable {
        let hash: UInt64
        let identifier: Identifier
    }

    private let size: Int
    private let seed: UInt64
    private var candidates: [Candidate] = []
    /// The largest hash that may still be among the smallest.
    private var limit = UInt64.max

    init(size: Int, seed: UInt64) {
        self.size = size
        self.seed = seed
    }

    mutating func offer(_ identifier: Identifier) {
        let hash = hash(of: identifier)
        guard hash <= limit else { return }
        candidates.append(Candidate(hash: hash, identifier: identifier))
        if candidates.count >= 2 * size + 64 { reduce() }
    }

    /// What was taken; all there were, if they were not more.
    mutating func taken() -> [Identifier] {
        reduce()
        return candidates.map(\.identifier)
    }

    private mutating func reduce() {
        var seen: Set<Identifier> = []
        candidates.sort { ($0.hash, $0.identifier.description) < ($1.hash, $1.identifier.description) }
        candidates = Array(candidates.filter { seen.insert($0.identifier).inserted }.prefix(size))
        if candidates.count == size, let last = candidates.last { limit = last.hash }
    }

    /// FNV-1a over the kind and the text, then one round of SplitMix64, which spreads it evenly.
    private func hash(of identifier: Identifier) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in identifier.kind.rawValue.utf8 + [0] + Array(identifier.description.utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        var generator = SeededGenerator(seed: hash ^ seed)
        return generator.next()
    }
}
