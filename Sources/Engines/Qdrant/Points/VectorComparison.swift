import Recovery

/// Whether two vectors are the same for all that their collection can tell.
struct VectorComparison {
    let shape: VectorShape

    /// What to show of both; nil if they agree.
    func difference(expected: PointVector, actual: PointVector) -> (expected: String, actual: String)? {
        if expected.isIdentical(to: actual) { return nil }
        switch (expected, actual) {
        case (.dense(let one), .dense(let two)) where one.count == two.count:
            return difference([one], [two]) { _, column in "[\(column)]" }
        case (.multi(let one), .multi(let two)) where one.map(\.count) == two.map(\.count):
            return difference(one, two) { row, column in "[\(row)][\(column)]" }
        case (.sparse(let one), .sparse(let two)):
            if one.indices != two.indices { return indexDifference(one, two) }
            return difference([one.values], [two.values]) { _, column in "[\(one.indices[column])]" }
        default: return sizes(expected, actual)
        }
    }

    private func sizes(_ expected: PointVector, _ actual: PointVector) -> (expected: String, actual: String) {
        if case (.multi(let one), .multi(let two)) = (expected, actual), expected.size == actual.size {
            return ("rows of \(one.map(\.count)) values", "rows of \(two.map(\.count)) values")
        }
        return (expected.size, actual.size)
    }

    private func indexDifference(_ expected: SparseVector, _ actual: SparseVector) -> (expected: String, actual: String) {
        let (one, two) = (Set(expected.indices), Set(actual.indices))
        let index = one.symmetricDifference(two).min() ?? 0
        func shown(_ vector: SparseVector) -> String {
            vector.indices.firstIndex(of: index).map { "[\(index)] = \(Self.shown(vector.values[$0]))" } ?? "nothing at [\(index)]"
        }
        return (shown(expected), shown(actual))
    }

    private func difference(
        _ expected: [[Float]], _ actual: [[Float]], place: (Int, Int) -> String
    ) -> (expected: String, actual: String)? {
        var first: (row: Int, column: Int)?
        var count = 0
        for row in expected.indices {
            for column in differingColumns(expected[row], actual[row]) {
                first = first ?? (row, column)
                count += 1
            }
        }
        guard let first else { return nil }
        let place = place(first.row, first.column)
        let total = expected.reduce(0) { $0 + $1.count }
        return (
            "\(place) = \(Self.shown(expected[first.row][first.column]))",
            "\(place) = \(Self.shown(actual[first.row][first.column])) (\(count) of \(total) values differ)"
        )
    }

    private func differingColumns(_ expected: [Float], _ actual: [Float]) -> [Int] {
        if shape.datatype == .uint8 {
            return expected.indices.filter { Self.clamped(expected[$0]) != Self.clamped(actual[$0]) }
        }
        var (one, two) = (expected.map(Double.init), actual.map(Double.init))
        var tolerance = shape.datatype.tolerance
        if shape.distance == .cosine, isNormalised(one) != isNormalised(two) {
            (one, two) = (Self.normalised(one), Self.normalised(two))
            // The server took the length in float32, and we in double.
            tolerance = max(tolerance, 4e-6)
        }
        let largest = (one + two).filter(\.isFinite).reduce(0) { max($0, abs($1)) }
        return one.indices.filter { !Self.agree(one[$0], two[$0], within: tolerance * largest) }
    }

    private static func agree(_ one: Double, _ two: Double, within limit: Double) -> Bool {
        one == two || one.isNaN && two.isNaN || abs(one - two) <= limit
    }

    /// What the server makes of a value that it keeps in a byte: 300 is 255, -1 is 0, 1.5 is 1.
    private static func clamped(_ value: Float) -> UInt8? { value.isNaN ? nil : UInt8(max(0, min(255, value))) }

    private func isNormalised(_ values: [Double]) -> Bool {
        abs(Self.length(values) - 1) <= max(1e-4, shape.datatype.tolerance)
    }

    private static func length(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    private static func normalised(_ values: [Double]) -> [Double] {
        let length = length(values)
        return length > 0 && length.isFinite ? values.map { $0 / length } : values
    }

    private static func shown(_ value: Float) -> String { value.isFinite ? value.description : "unreadable" }
}
