import Recovery

/// A fair sample of a stream whose length nobody knows, in memory for the sample only (Vitter's algorithm R).
///
/// The same seed and the same stream give the same sample on every machine and with every version of Swift: nothing here depends on how the
/// standard library turns random bits into a number.
package struct Reservoir<Element> {
    private let size: Int
    private var generator: SeededGenerator
    private var taken: [(position: Int, element: Element)] = []
    /// How many were offered so far.
    package private(set) var offered = 0

    package init(size: Int, seed: UInt64) {
        self.size = size
        generator = SeededGenerator(seed: seed)
    }

    /// The element is only made if it is taken, at least for now.
    package mutating func offer<Problem: Error>(_ element: () throws(Problem) -> Element) throws(Problem) {
        defer { offered += 1 }
        if taken.count < size {
            taken.append((offered, try element()))
        } else if size > 0 {
            let place = generator.below(offered + 1)
            if place < size { taken[place] = (offered, try element()) }
        }
    }

    /// What was taken, in the order of the stream.
    package var elements: [Element] { taken.sorted { $0.position < $1.position }.map(\.element) }

    /// Where in the stream each of them stood, ascending.
    package var positions: [Int] { taken.map(\.position).sorted() }
}

extension Reservoir: Sendable where Element: Sendable {}

extension Reservoir<Void> {
    /// Which of `total` things to take, ascending; all of them if there are not more than `count`.
    package static func positions(_ count: Int, of total: Int, seed: UInt64) -> [Int] {
        var reservoir = Reservoir(size: count, seed: seed)
        for _ in 0..<total { reservoir.offer {} }
        return reservoir.positions
    }
}

extension SeededGenerator {
    /// A number from 0 up to the bound. The bias is below 2⁻⁴⁰ for all that can be counted.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}
