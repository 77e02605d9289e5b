/// What came of holding marks against each other.
struct SettledMarks: Sendable {
    /// How many, and the first few in the order of the dump.
    struct Few<Item: Comparable & Sendable>: Sendable {
        private(set) var count: Int64 = 0
        private(set) var first: [Item] = []

        mutating func add(_ item: Item) {
            count += 1
            keep(item)
        }

        mutating func combine(_ other: Self) {
            count += other.count
            for item in other.first { keep(item) }
        }

        private mutating func keep(_ item: Item) {
            if first.count == Complaints.most, let last = first.last, last < item { return }
            first.insert(item, at: first.firstIndex { item < $0 } ?? first.count)
            if first.count > Complaints.most { first.removeLast() }
        }
    }

    /// Two lines that hold the same document.
    struct Pair: Comparable {
        let earlier: DocumentMark.Place
        let later: DocumentMark.Place
        static func < (one: Pair, other: Pair) -> Bool { (one.later, one.earlier) < (other.later, other.earlier) }
    }

    struct End: Comparable {
        let place: DocumentMark.Place
        let isTo: Bool
        static func < (one: End, other: End) -> Bool {
            one.place == other.place ? !one.isTo && other.isTo : one.place < other.place
        }
    }

    /// What is left when all lines were taken in their order; by collection.
    var documents: [Int64]
    /// By collection.
    var repeated: [Few<Pair>]
    /// Ends of edges that lead into collections of the dump, by file.
    var ends: [Int64]
    /// Ends of edges in envelopes that lead into others, by file.
    var outsideEnds: [Int64]
    /// Ends of edges that lead to no document, by file.
    var dangling: [Few<End>]
    /// Ends of edges into collections that were not read to their end, by file.
    var unknownEnds: [Int64]
    /// Lines in whose place a later one came, by file.
    var superseded: [Int: LineSet] = [:]

    init(collections: Int, files: Int) {
        documents = Array(repeating: 0, count: collections)
        repeated = Array(repeating: Few(), count: collections)
        dangling = Array(repeating: Few(), count: files)
        (ends, outsideEnds) = (Array(repeating: 0, count: files), Array(repeating: 0, count: files))
        unknownEnds = Array(repeating: 0, count: files)
    }

    mutating func combine(_ other: SettledMarks) {
        for index in documents.indices {
            documents[index] += other.documents[index]
            repeated[index].combine(other.repeated[index])
        }
        for index in dangling.indices {
            dangling[index].combine(other.dangling[index])
            unknownEnds[index] += other.unknownEnds[index]
            ends[index] += other.ends[index]
            outsideEnds[index] += other.outsideEnds[index]
        }
        superseded.merge(other.superseded) { $0.union($1) }
    }
}
