import Documents
import Recovery
import Testing

@testable import Engines

private func float(_ text: String) throws -> Float {
    var cursor = JSONCursor(Array(text.utf8))
    let value = try cursor.float()
    try cursor.finish()
    return value
}

struct FloatTests {
    /// The bits were computed with exact fractions.
    @Test(arguments: [
        ("0.0", 0x0000_0000), ("-0.0", 0x8000_0000), ("1", 0x3F80_0000), ("0.1", 0x3DCC_CCCD), ("0.3", 0x3E99_999A),
        ("16777216", 0x4B80_0000), ("16777217", 0x4B80_0000), ("16777219", 0x4B80_0002), ("16777217.0", 0x4B80_0000),
        ("16777217.000000001", 0x4B80_0001), ("16777216.999999999", 0x4B80_0000), ("9007199254740993", 0x5A00_0000),
        ("1e-45", 0x0000_0001), ("7e-46", 0x0000_0000), ("7.1e-46", 0x0000_0001), ("-1e-45", 0x8000_0001), ("1.4e-45", 0x0000_0001),
        ("1.1754942e-38", 0x007F_FFFF), ("1.1754944e-38", 0x0080_0000), ("1.17549429e-38", 0x0080_0000),
        ("3.4028235e38", 0x7F7F_FFFF), ("3.4028235677973366e38", 0x7F7F_FFFF), ("3.4028235677973365e38", 0x7F7F_FFFF),
        ("1e39", 0x7F80_0000), ("-1e39", 0xFF80_0000), ("1e400", 0x7F80_0000), ("1e-400", 0x0000_0000),
        ("0.00000000000000000000000000000000000000000000140129846432481707", 0x0000_0001),
        ("123456789012345678901234567890", 0x6FC7_7488), ("0.1234567890123456789012345", 0x3DFC_D6EA), ("8.589973e9", 0x5000_0026),
        ("1.00000005960464477539062500000000000000001", 0x3F80_0001), ("1.000000059604644775390625", 0x3F80_0000),
        ("1.00000017881393432617187500", 0x3F80_0002), ("5.9786802e-05", 0x387A_C397), ("1E5", 0x47C3_5000), ("2.5e+3", 0x451C_4000),
        ("0e999", 0x0000_0000), ("100000000000000000000000000000000000000.0e-38", 0x3F80_0000),
    ])
    func theNearestFloatIsFound(_ text: String, _ bits: UInt32) throws {
        #expect(try float(text).bitPattern == bits)
    }

    @Test func theShortestFormOfEveryFloatComesBackAsTheSameBits() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<100_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            guard value.isFinite else { continue }
            let read = try float(value.description)
            guard read.bitPattern == value.bitPattern else {
                Issue.record("\(value) became \(read)")
                return
            }
        }
    }

    /// Where the fast way could go wrong: beside the middle of two floats.
    @Test func numbersBesideTheMiddleOfTwoFloatsAreRoundedAsTheStandardLibraryDoes() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<50_000 {
            let bits = generator.next()
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits) & 0x7FFF_FFFE)
            guard value > 1e-20, value < 1e20 else { continue }
            let middle = ((Double(value) + Double(value.nextUp)) / 2).description
            for text in [middle, middle + (middle.contains("e") ? "" : "1"), middle.replacing("e", with: "0000001e")] {
                let read = try float(text)
                guard read.bitPattern == Float(text)?.bitPattern else {
                    Issue.record("\(text) became \(read)")
                    return
                }
            }
        }
    }
}

struct PointTests {
    @Test func everyKindOfVectorIsRead() throws {
        let point = try point(
            #"{"id":1,"version":3,"vector":{"t":[0.1,-2],"m":[[1,2],[3,4]],"s":{"values":[0.9,0.2],"indices":[9,2]},"":[]},"shard_key":"é"}"#
        )
        #expect(point["t"] == .dense([0.1, -2]))
        #expect(point["m"] == .multi([[1, 2], [3, 4]]))
        #expect(point["s"] == .sparse(SparseVector(indices: [2, 9], values: [0.2, 0.9])))
        #expect(point[""] == .dense([]))
        #expect(point.vectors.map(\.name) == ["", "m", "s", "t"])
        #expect(point.shardKey?.description == "\"é\"")
        #expect(!point.hasUnreadableValues && point.payload == .empty)
    }

    @Test func theUnnamedVectorHasAnEmptyName() throws {
        #expect(try point(#"{"id":1,"vector":[1]}"#)[""] == .dense([1]))
        #expect(try point(#"{"id":1,"vector":[ [1] , [2] ]}"#)[""] == .multi([[1], [2]]))
        #expect(try point(#"{"id":1,"vector":{}}"#).vectors.isEmpty)
        #expect(try point(#"{"id":1}"#).vectors.isEmpty)
    }

    @Test func twoUnicodeFormsOfANameAreTwoVectors() throws {
        let found = try point("{\"id\":1,\"vector\":{\"\u{E9}\":[1],\"e\u{301}\":[2]}}")
        #expect(found["\u{E9}"] == .dense([1]) && found["e\u{301}"] == .dense([2]))
    }

    @Test(arguments: [#"[null,1]"#, #"[1e39]"#, #"{"m":[[1],[null]]}"#, #"{"s":{"indices":[1],"values":[null]}}"#])
    func valuesThatTheServerCannotTakeBackAreNoted(_ vector: String) throws {
        #expect(try point(#"{"id":1,"vector":\#(vector)}"#).hasUnreadableValues)
    }

    @Test(arguments: [
        (#"{"vector":[1]}"#, "a point has no 'id'"), (#"{"id":1,"id":1}"#, "'id' appears twice in a point"),
        (#"{"id":1,"vector":3}"#, "a vector is neither a list nor an object"),
        (#"{"id":1,"vector":{"a":[1],"a":[1]}}"#, "vector 'a' appears twice"),
        (#"{"id":1,"vector":["x"]}"#, "expected a value"), (#"{"id":1,"vector":[[1],2]}"#, "expected a list"),
        (#"{"id":1,"vector":{"s":{"indices":[1],"values":[]}}}"#, "a sparse vector has not one value per index"),
        (#"{"id":1,"vector":{"s":{"indices":[1,1],"values":[1,2]}}}"#, "a sparse vector has an index twice"),
        (#"{"id":1,"vector":{"s":{"indices":[4294967296],"values":[1]}}}"#, "the index of a sparse value is no whole number of 32 bits"),
        (#"{"id":1,"shard_key":true}"#, "expected a value"), (#"{"id":1,"shard_key":-1}"#, "a shard key is neither a text nor a number"),
        (#"{"id":1,"payload":[]}"#, "a payload is no object"), (#"{"id":1} "x""#, "text after the end"),
    ])
    func whatIsNoPointIsRefused(_ json: String, _ problem: String) {
        #expect(throws: JSONSyntaxError.self) { try point(json) }.map { #expect($0.problem == problem) }
    }
}
