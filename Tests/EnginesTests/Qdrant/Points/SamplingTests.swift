import Testing

@testable import Engines

struct ReservoirTests {
    /// Audits follow a seed: the choice must never change.
    @Test func theSameSeedTakesTheSamePointsForever() {
        #expect(Reservoir.positions(5, of: 1000, seed: 1) == [71, 165, 177, 730, 916])
        #expect(Reservoir.positions(5, of: 1000, seed: 2) != Reservoir.positions(5, of: 1000, seed: 1))
    }

    @Test func aShortStreamIsTakenWhole() {
        #expect(Reservoir.positions(5, of: 3, seed: 1) == [0, 1, 2])
        #expect(Reservoir.positions(0, of: 3, seed: 1) == [])
        #expect(Reservoir.positions(5, of: 0, seed: 1) == [])
    }

    @Test func everyPlaceHasTheSameChance() {
        var taken = [Int](repeating: 0, count: 50)
        for seed in 0..<2000 { for place in Reservoir.positions(10, of: 50, seed: UInt64(seed)) { taken[place] += 1 } }
        #expect(taken.allSatisfy { (330...470).contains($0) })
    }

    @Test func onlyWhatIsTakenIsMade() {
        var reservoir = Reservoir<Int>(size: 10, seed: 3)
        var made = 0
        for number in 0..<10_000 {
            reservoir.offer {
                made += 1
                return number
            }
        }
        #expect(reservoir.elements == reservoir.positions && reservoir.elements.count == 10)
        #expect(made < 200)
        #expect(reservoir.offered == 10_000)
    }
}

struct QueryVectorsTests {
    @Test func aQueryLiesBetweenTwoStoredVectors() {
        let points = [1, 2, 3].map { Point(id: .number($0), vectors: ["d": .dense([Float($0), 0]), "a": .multi([[Float($0)]])]) }
        #expect(
            QueryVectors.make(from: points, count: 2) == [
                .init(vectorName: "a", vector: .multi([[1]])), .init(vectorName: "a", vector: .multi([[2]])),
                .init(vectorName: "d", vector: .dense([1.5, 0])), .init(vectorName: "d", vector: .dense([2.5, 0])),
            ])
    }

    @Test func vectorsThatCannotBeSearchedAreLeftOut() {
        let empty = SparseVector(indices: [], values: [])
        let points = [PointVector.dense([0, 0]), .dense([.nan, 1]), .sparse(empty), .multi([]), .dense([.infinity])].enumerated().map {
            Point(id: .number(UInt64($0)), vectors: ["v": $1])
        }
        #expect(QueryVectors.make(from: points, count: 3) == [])
        let only = Point(id: .number(9), vectors: ["v": .dense([1, 2])])
        #expect(QueryVectors.make(from: points + [only], count: 3) == [.init(vectorName: "v", vector: .dense([1, 2]))])
    }

    @Test func twoOppositeVectorsDoNotMakeAZeroQuery() {
        let points = [1, -1].map { Point(id: .number(1), vectors: ["": .dense([$0])]) }
        #expect(QueryVectors.make(from: points, count: 1) == [.init(vectorName: "", vector: .dense([1]))])
    }
}
