/// Finds the collection that an edge's end names. Most ends name the same as the one before.
struct CollectionPlaces: Sendable {
    private let places: [[UInt8]: Int]
    private var last: [(name: [UInt8], place: Int?)] = [([], nil), ([], nil)]

    init(_ names: [String]) {
        places = Dictionary(names.enumerated().map { (Array($0.element.utf8), $0.offset) }) { first, _ in first }
    }

    /// Nil for one that is not in the dump.
    mutating func place(of name: Range<Int>, in bytes: [UInt8], isTo: Bool) -> Int? {
        let side = isTo ? 1 : 0
        if Self.equal(last[side].name, bytes, name) { return last[side].place }
        let copy = Array(bytes[name])
        last[side] = (copy, places[copy])
        return last[side].place
    }

    private static func equal(_ name: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard name.count == range.count, !range.isEmpty else { return false }
        let (one, other) = (name.span, bytes.span)
        for index in 0..<name.count where one[index] != other[range.lowerBound + index] { return false }
        return true
    }
}
