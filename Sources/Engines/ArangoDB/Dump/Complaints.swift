import Recovery

/// What was wrong with the lines of a collection: how many of each kind, and the first few in words.
struct Complaints: Sendable {
    enum Kind: Int, CaseIterable, Sendable {
        case line, key, id, edge, vector
    }

    static let most = 3

    private struct Counted {
        var count: Int64 = 0
        var first: [(place: DocumentMark.Place, words: String)] = []
    }
    private var kinds = Kind.allCases.map { _ in Counted() }

    mutating func add(_ kind: Kind, at place: DocumentMark.Place, _ words: @autoclosure () -> String) {
        kinds[kind.rawValue].count += 1
        if kinds[kind.rawValue].first.count < Self.most { kinds[kind.rawValue].first.append((place, words())) }
    }

    mutating func combine(_ other: Complaints) {
        for kind in Kind.allCases {
            kinds[kind.rawValue].count += other.kinds[kind.rawValue].count
            let first = kinds[kind.rawValue].first + other.kinds[kind.rawValue].first
            kinds[kind.rawValue].first = Array(first.sorted { $0.place < $1.place }.prefix(Self.most))
        }
    }

    /// Nil when there are none. - Parameter locate: `line 7 of c.1.data.json`.
    func words(_ kind: Kind, _ locate: (DocumentMark.Place) -> String) -> String? {
        let counted = kinds[kind.rawValue]
        guard counted.count > 0 else { return nil }
        let told = counted.first.map { "\(locate($0.place)): \($0.words)" }.joined(separator: "; ")
        let rest = counted.count - Int64(counted.first.count)
        return rest > 0 ? "\(told); and \(rest) more" : told
    }
}
