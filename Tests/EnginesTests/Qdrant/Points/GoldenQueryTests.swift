import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

private func neighbours(_ list: [(UInt64, Float?)]) -> [GoldenQuery.Neighbour] { list.map { .init(id: .number($0.0), score: $0.1) } }

private func golden(_ exact: [(UInt64, Float?)], limit: Int = 3) -> GoldenQuery {
    GoldenQuery(vectorName: "", query: .dense([1]), limit: limit, exact: neighbours(exact), indexed: [])
}

struct GoldenQueryTests {
    private static let known: [(UInt64, Float?)] = [(1, 0.9), (2, 0.8), (3, 0.7)]

    @Test(
        arguments: [
            [(1, 0.9), (2, 0.8), (3, 0.7)],
            // Order means nothing, and the third place is a tie that somebody else may win.
            [(3, 0.7), (1, 0.9), (2, 0.8)], [(1, 0.900001), (2, 0.8), (3, 0.7)], [(1, 0.9), (2, 0.8), (4, 0.7)],
            [(1, 0.9), (2, 0.8), (4, 0.700005)],
        ] as [[(UInt64, Float?)]])
    func theAnswerIsThatOfTheBackup(_ answer: [(UInt64, Float?)]) {
        #expect(GoldenJudgement(exactAnswer: neighbours(answer), to: golden(Self.known)).differences == [])
    }

    @Test(
        arguments: [
            ([(1, 0.9), (2, 0.8), (4, 0.6)], ["neighbour 4: missing/score 0.6"]),
            ([(1, 0.9), (4, 0.8), (3, 0.7)], ["neighbour 2: score 0.8/missing", "neighbour 4: missing/score 0.8"]),
            ([(1, 0.9), (2, 0.81), (3, 0.7)], ["neighbour 2: score 0.8/score 0.81"]),
            ([(1, nil), (2, 0.8), (3, 0.7)], ["neighbour 1: score 0.9/score null"]),
            ([(4, nil), (1, 0.9), (2, 0.8)], ["neighbour 4: missing/score null"]),
            ([(1, 0.9), (2, 0.8)], ["neighbours: 3/2"]),
            ([(1, 0.9), (1, 0.9), (2, 0.8)], ["neighbours: each point once/1 twice"]),
            ([], ["neighbours: 3/0", "neighbour 1: score 0.9/missing", "neighbour 2: score 0.8/missing"]),
        ] as [([(UInt64, Float?)], [String])])
    func anotherAnswerIsAFinding(_ answer: [(UInt64, Float?)], _ findings: [String]) {
        let judgement = GoldenJudgement(exactAnswer: neighbours(answer), to: golden(Self.known))
        #expect(judgement.differences.map { "\($0.aspect): \($0.expected)/\($0.actual)" } == findings)
        #expect(judgement.compared == 4)
    }

    @Test func whereThereWereFewerThanAskedForNobodyCanBeReplaced() {
        let judgement = GoldenJudgement(
            exactAnswer: neighbours([(1, 0.9), (4, 0.8)]), to: golden([(1, 0.9), (2, 0.8)], limit: 5))
        #expect(judgement.differences.map(\.aspect) == ["neighbour 2", "neighbour 4"])
    }

    @Test func aScoreThatWasNoNumberIsAFindingEvenIfItStillIs() {
        let judgement = GoldenJudgement(exactAnswer: neighbours([(1, nil)]), to: golden([(1, nil)], limit: 1))
        #expect(judgement.differences == [PointDifference("neighbour 1", expected: "score null", actual: "score null")])
    }

    @Test(
        arguments: [
            ([(1, 0.9), (2, 0.8), (3, 0.7)], 1), ([(1, 0.9), (2, 0.8), (4, 0.7)], 1), ([(1, 0.9), (2, 0.8), (4, 0.6)], 2.0 / 3),
            ([(1, 0.9), (1, 0.9), (1, 0.9)], 1.0 / 3), ([], 0), ([(9, nil)], 0),
        ] as [([(UInt64, Float?)], Double)])
    func recallIsTheShareThatWasFound(_ answer: [(UInt64, Float?)], _ recall: Double) {
        #expect(GoldenJudgement.recall(of: neighbours(answer), against: neighbours(Self.known), limit: 3) == recall)
    }

    @Test func anAnswerIsRead() throws {
        let body =
            #"{"result":{"points":[{"id":403,"version":10,"score":null,"payload":{}},{"id":"550e8400-e29b-41d4-a716-446655440000","score":0.56070524}]},"status":"ok"}"#
        #expect(
            try GoldenQuery.neighbours(reading: Array(body.utf8)) == [
                .init(id: .number(403), score: nil),
                .init(id: .uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000), score: 0.56070524),
            ])
        #expect(throws: JSONSyntaxError.self) { try GoldenQuery.neighbours(reading: Array(#"{"result":{"points":[{"id":1}]}}"#.utf8)) }
    }

    @Test func theQuestionSaysWhatIsMeant() {
        let query = GoldenQuery(vectorName: "a\"b", query: .multi([[0.1, 1], [2, 3]]), limit: 5, hnswEf: 64, exact: [], indexed: [])
        #expect(
            String(decoding: query.body(exact: true), as: UTF8.self)
                == #"{"query":[[0.1,1.0],[2.0,3.0]],"using":"a\"b","limit":5,"params":{"exact":true},"with_payload":false,"with_vector":false}"#
        )
        let sparse = PointVector.sparse(SparseVector(indices: [4, 2], values: [1, 1e-10]))
        #expect(
            String(decoding: GoldenQuery.body(vectorName: "", query: sparse, limit: 1, hnswEf: 64, exact: false), as: UTF8.self)
                == #"{"query":{"indices":[2,4],"values":[1e-10,1.0]},"limit":1,"params":{"hnsw_ef":64},"with_payload":false,"with_vector":false}"#
        )
    }

    @Test func anInventoryKeepsEveryBit() throws {
        var generator = SeededGenerator(seed: 8)
        let values = (0..<20_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }.filter(\.isFinite)
        let vectors: [PointVector] = [
            .dense(values), .multi([[1, 2], [3, -0.0]]), .sparse(SparseVector(indices: [0, .max], values: [1, 2])), .dense([]),
        ]
        for vector in vectors {
            let query = GoldenQuery(vectorName: "v", query: vector, limit: 2, exact: neighbours([(.max, 0.1), (1, nil)]), indexed: [])
            let back = try CanonicalJSON.decode(GoldenQuery.self, from: CanonicalJSON.encode(query))
            #expect(back.query.isIdentical(to: vector))
            #expect(back == query)
        }
    }
}

@Suite(.requires(RecordedPoints.missing()))
struct RecordedGoldenTests {
    @Test(arguments: ["1.16.3", "1.18.3"])
    func everyRecordedAnswerIsRead(_ version: String) throws {
        let answers = try RecordedPoints.answers(version, to: "/points/query").map(GoldenQuery.neighbours(reading:))
        #expect(answers.contains { $0.first == .init(id: .number(403), score: nil) })
        let golden = try RecordedPoints.golden("1.18.3").map(GoldenQuery.neighbours(reading:))
        #expect(golden.count >= 6)
        for exact in golden {
            let query = GoldenQuery(vectorName: "", query: .dense([1]), limit: 5, exact: exact, indexed: [])
            #expect(GoldenJudgement(exactAnswer: exact.reversed(), to: query).differences == [])
        }
    }
}
