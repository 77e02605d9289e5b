/// What is kept of a document, or of an edge's end: which document it is, and where in the dump it was said.
struct DocumentMark: BitwiseCopyable, Sendable {
    enum Kind: UInt64 {
        case plain, enveloped, removal
        static let from = Kind.plain
        static let to = Kind.enveloped
    }

    /// A line of a data file.
    struct Place: Sendable, Hashable, Comparable {
        /// By its place among the data files of the dump.
        let file: Int
        /// From 1.
        let line: Int64

        static func < (one: Place, other: Place) -> Bool { (one.file, one.line) < (other.file, other.line) }
    }

    static let mostCollections = outside
    /// In place of a collection that the dump does not hold: a later line may take such an edge away.
    static let outside = (1 << 20) - 1
    static let mostFiles = 1 << 20
    static let mostLines: Int64 = 1 << 41

    /// The place of the document's collection in the upper 20 bits, and of its hash 44 below.
    private let upper: UInt64
    private let lower: UInt64
    /// Ends of edges come behind the documents they lead to, and all else in the order of the dump.
    private let tag: UInt64

    init(_ hash: (upper: UInt64, lower: UInt64), of collection: Int, _ kind: Kind, isEnd: Bool = false, at place: Place) {
        upper = UInt64(collection) << 44 | hash.upper >> 20
        lower = hash.lower
        tag = (isEnd ? 1 << 63 : 0) | UInt64(place.file) << 43 | UInt64(place.line) << 2 | kind.rawValue
    }

    var collection: Int { Int(upper >> 44) }
    var isEnd: Bool { tag >> 63 == 1 }
    var kind: Kind { Kind(rawValue: tag & 3) ?? .plain }
    var place: Place { Place(file: Int(tag >> 43 & 0xF_FFFF), line: Int64(tag >> 2 & 0x1FF_FFFF_FFFF)) }

    func isOfTheSameDocument(as other: DocumentMark) -> Bool { upper == other.upper && lower == other.lower }

    /// Which of 256 equal parts it belongs to, whatever its collection.
    var part: Int { Int(lower >> 56) }
    /// Spreads the marks of a part evenly.
    var spread: UInt64 { lower >> 24 & 0xFFFF_FFFF }
}

extension DocumentMark: Comparable {
    static func < (one: DocumentMark, other: DocumentMark) -> Bool {
        if one.upper != other.upper { return one.upper < other.upper }
        if one.lower != other.lower { return one.lower < other.lower }
        return one.tag < other.tag
    }
}
