/// What became of the answer to a golden query.
package struct GoldenJudgement: Sendable {
    package let differences: [PointDifference]
    /// How many neighbours were compared, and one for their number.
    package let compared: Int

    /// Scores are sums of float32 products, and another processor adds them in another order.
    package static let tolerance: Float = 1e-5

    /// An exact search must find the same neighbours with the same scores. Order means nothing: equal scores change places at will. A
    /// neighbour may be replaced only by one as near as the last one, where the cut at `limit` runs through a tie.
    package init(exactAnswer actual: [GoldenQuery.Neighbour], to golden: GoldenQuery, tolerance: Float = tolerance) {
        let ranking = Ranking(golden.exact, limit: golden.limit, tolerance: tolerance)
        let found = Dictionary(actual.map { ($0.id, $0.score) }, uniquingKeysWith: { first, _ in first })
        let known = Set(golden.exact.map(\.id))
        var differences: [PointDifference] = []
        if actual.count != golden.exact.count {
            differences.append(PointDifference("neighbours", expected: "\(golden.exact.count)", actual: "\(actual.count)"))
        }
        if found.count != actual.count {
            let twice = actual.first { neighbour in actual.count { $0.id == neighbour.id } > 1 }
            differences.append(
                PointDifference("neighbours", expected: "each point once", actual: "\(twice.map { "\($0.id)" } ?? "one") twice"))
        }
        for neighbour in golden.exact {
            if let score = found[neighbour.id] {
                if let difference = ranking.difference(neighbour, actual: score) { differences.append(difference) }
            } else if !ranking.isReplaceable(neighbour.score) {
                differences.append(
                    PointDifference("neighbour \(neighbour.id)", expected: Self.shown(neighbour.score), actual: "missing"))
            }
        }
        for neighbour in actual where !known.contains(neighbour.id) && !ranking.isReplaceable(neighbour.score) {
            differences.append(PointDifference("neighbour \(neighbour.id)", expected: "missing", actual: Self.shown(neighbour.score)))
        }
        self.differences = differences
        compared = golden.exact.count + 1
    }

    /// The share of the nearest neighbours that an indexed search found, from 0 to 1. One that is as near as the last of them counts.
    /// Where there was nothing to find, all of it was found.
    package static func recall(
        of indexed: [GoldenQuery.Neighbour], against exact: [GoldenQuery.Neighbour], limit: Int, tolerance: Float = tolerance
    ) -> Double {
        guard !exact.isEmpty else { return 1 }
        let ranking = Ranking(exact, limit: limit, tolerance: tolerance)
        let known = Set(exact.map(\.id))
        var seen: Set<PointID> = []
        let hits = indexed.count { neighbour in
            seen.insert(neighbour.id).inserted && (known.contains(neighbour.id) || ranking.isReplaceable(neighbour.score))
        }
        return Double(min(hits, exact.count)) / Double(exact.count)
    }

    fileprivate static func shown(_ score: Float?) -> String { score.map { "score \($0)" } ?? "score null" }
}

/// The scores of an answer, and where its cut runs.
private struct Ranking {
    private let limit: Float
    /// The score of the last neighbour, if there may be more as near as that.
    private let last: Float?

    init(_ neighbours: [GoldenQuery.Neighbour], limit: Int, tolerance: Float) {
        // A score near zero is a sum of terms that are not: what is close is measured by the largest score around.
        let largest = neighbours.compactMap(\.score).reduce(0) { max($0, abs($1)) }
        self.limit = max(tolerance * largest, 1e-6)
        last = neighbours.count < limit ? nil : neighbours.last?.score
    }

    func isReplaceable(_ score: Float?) -> Bool {
        guard let score, let last else { return false }
        return abs(score - last) <= limit
    }

    func difference(_ expected: GoldenQuery.Neighbour, actual: Float?) -> PointDifference? {
        if let score = expected.score, let actual, abs(score - actual) <= limit { return nil }
        // A score that is null was no result at capture either.
        return PointDifference(
            "neighbour \(expected.id)", expected: GoldenJudgement.shown(expected.score), actual: GoldenJudgement.shown(actual))
    }
}
