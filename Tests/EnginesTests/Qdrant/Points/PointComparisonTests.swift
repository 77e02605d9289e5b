import Recovery
import Testing

@testable import Engines

struct PointComparisonTests {
    private static let shapes: [String: VectorShape] = [
        "": VectorShape(distance: .cosine), "dot": VectorShape(distance: .dot), "f16": VectorShape(distance: .euclid, datatype: .float16),
        "u8": VectorShape(distance: .dot, datatype: .uint8), "t4": VectorShape(distance: .manhattan, datatype: .turbo4),
    ]

    private func differences(_ expected: String, _ actual: String) throws -> [PointDifference] {
        try PointComparison(
            expected: point("{\"id\":1,\(expected)}"), actual: point("{\"id\":1,\(actual)}"), shapes: Self.shapes
        ).differences
    }

    @Test(arguments: [
        (#""vector":[0.6,0.8]"#, #""vector":[0.6,0.8]"#),
        // One side as the application wrote it, the other as a server under Cosine keeps it.
        (#""vector":[3,4]"#, #""vector":[0.6,0.8]"#), (#""vector":[0.6,0.8]"#, #""vector":[3,4]"#),
        (#""vector":[-0.7313,0.6949,0.5275,-0.4899]"#, #""vector":[-0.5900759,0.56070524,0.42563248,-0.39529356]"#),
        (#""vector":{"dot":[100,0.00001]}"#, #""vector":{"dot":[100.00001,0.00005]}"#),
        (#""vector":{"dot":[0.0]}"#, #""vector":{"dot":[-0.0]}"#), (#""vector":{"dot":[null]}"#, #""vector":{"dot":[null]}"#),
        (#""vector":{"f16":[0.1,3]}"#, #""vector":{"f16":[0.099975586,3.0]}"#),
        (#""vector":{"u8":[300,-1,1.5,7]}"#, #""vector":{"u8":[255,0,1,7]}"#),
        (#""vector":{"t4":[1,0.5]}"#, #""vector":{"t4":[0.9,0.6]}"#),
        (#""vector":{"s":{"indices":[2,1],"values":[1,2]}}"#, #""vector":{"s":{"indices":[1,2],"values":[2,1.0000001]}}"#),
        (#""vector":{"m":[[1,2],[3,4]]}"#, #""vector":{"m":[[1,2],[3,4.0000001]]}"#),
        (#""payload":{"a":1e0,"b":2}"#, #""payload":{"b":2,"a":1.0}"#), (#""payload":null"#, #""payload":{}"#),
    ])
    func theyAgree(_ expected: String, _ actual: String) throws {
        #expect(try differences(expected, actual) == [])
    }

    @Test(arguments: [
        (#""vector":[0.6,0.8]"#, #""vector":[0.6,0.80001]"#, "vector", "[1] = 0.8", "[1] = 0.80001 (1 of 2 values differ)"),
        (#""vector":[3,4]"#, #""vector":[0.8,0.6]"#, "vector", "[0] = 3.0", "[0] = 0.8 (2 of 2 values differ)"),
        (#""vector":{"dot":[3,4]}"#, #""vector":{"dot":[0.6,0.8]}"#, "vector dot", "[0] = 3.0", "[0] = 0.6 (2 of 2 values differ)"),
        (#""vector":{"dot":[1,2]}"#, #""vector":{"dot":[1,null]}"#, "vector dot", "[1] = 2.0", "[1] = unreadable (1 of 2 values differ)"),
        (#""vector":{"dot":[null]}"#, #""vector":{"dot":[0]}"#, "vector dot", "[0] = unreadable", "[0] = 0.0 (1 of 1 values differ)"),
        (#""vector":{"dot":[1]}"#, #""vector":{"dot":[1,2]}"#, "vector dot", "1 values", "2 values"),
        (#""vector":{"dot":[1]}"#, #""vector":{"dot":[[1]]}"#, "vector dot", "1 values", "1 rows of 1 values"),
        (#""vector":{"m":[[1],[2,3]]}"#, #""vector":{"m":[[1],[2]]}"#, "vector m", "rows of [1, 2] values", "rows of [1, 1] values"),
        (#""vector":{"m":[[1],[2]]}"#, #""vector":{"m":[[1],[3]]}"#, "vector m", "[1][0] = 2.0", "[1][0] = 3.0 (1 of 2 values differ)"),
        (#""vector":{"u8":[1]}"#, #""vector":{"u8":[2]}"#, "vector u8", "[0] = 1.0", "[0] = 2.0 (1 of 1 values differ)"),
        (#""vector":{"f16":[1]}"#, #""vector":{"f16":[1.01]}"#, "vector f16", "[0] = 1.0", "[0] = 1.01 (1 of 1 values differ)"),
        (#""vector":{"dot":[1]}"#, #""vector":{}"#, "vector dot", "1 values", "missing"),
        (#""vector":{}"#, #""vector":{"s":{"indices":[1],"values":[1]}}"#, "vector s", "missing", "1 sparse values"),
        (
            #""vector":{"s":{"indices":[1,7],"values":[1,0.5]}}"#, #""vector":{"s":{"indices":[1,8],"values":[1,0.5]}}"#, "vector s",
            "[7] = 0.5", "nothing at [7]"
        ),
        (
            #""vector":{"s":{"indices":[1,7],"values":[1,0.5]}}"#, #""vector":{"s":{"indices":[1,7],"values":[1,0.6]}}"#, "vector s",
            "[7] = 0.5", "[7] = 0.6 (1 of 2 values differ)"
        ),
        (#""payload":{"a":{"b":[1,{"c.d":2}]}}"#, #""payload":{"a":{"b":[1,{"c.d":3}]}}"#, #"payload a.b[1]."c.d""#, "2", "3"),
        (#""payload":{"a":1}"#, #""payload":{"b":1}"#, "payload a", "1", "missing"),
        (#""payload":{"b":1}"#, #""payload":{"a":1,"b":1}"#, "payload a", "missing", "1"),
        (#""payload":{"a":1,"b":1}"#, #""payload":{"a":1}"#, "payload b", "1", "missing"),
        (#""payload":{"a":[1]}"#, #""payload":{"a":[1,null]}"#, "payload a[1]", "missing", "null"),
        (#""payload":{"a":[]}"#, #""payload":{"a":{}}"#, "payload a", "[]", "{}"),
        (#""payload":{"a":1}"#, #""payload":{"a":1.0}"#, "payload a", "1", "1.0"),
        (#""shard_key":"eu""#, #""shard_key":7"#, "shard key", "\"eu\"", "7"),
        (#""shard_key":"eu""#, #""x":7"#, "shard key", "\"eu\"", "none"),
    ])
    func theFirstDifferenceIsNamed(_ expected: String, _ actual: String, aspect: String, shown: String, found: String) throws {
        #expect(try differences(expected, actual) == [PointDifference(aspect, expected: shown, actual: found)])
    }

    @Test func longValuesAreShortened() throws {
        let found = try differences(#""payload":{"a":"\#(String(repeating: "x", count: 500))"}"#, #""payload":{}"#)
        #expect(found == [PointDifference("payload a", expected: "\"" + String(repeating: "x", count: 78) + "…", actual: "missing")])
    }

    @Test func everyPartIsComparedAndCounted() throws {
        let comparison = try PointComparison(
            expected: point(#"{"id":1,"vector":{"a":[1],"b":[1]},"payload":{"x":1}}"#),
            actual: point(#"{"id":2,"vector":{"b":[2],"c":[1]},"payload":{}}"#), shapes: [:])
        #expect(comparison.differences.map(\.aspect) == ["id", "vector a", "vector b", "vector c", "payload x"])
        #expect(comparison.compared == 6)
    }
}
