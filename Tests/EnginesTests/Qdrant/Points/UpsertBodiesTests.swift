import Documents
import TestSupport
import Testing

@testable import Engines

private func bodies(of points: [String], budget: Int = 1 << 20) throws -> (bodies: [UpsertBody], unwritable: [PointID]) {
    var writer = UpsertBodies(budget: budget)
    let full = try points.flatMap { try writer.add(Array($0.utf8)[...]) }
    return (full + writer.finish(), writer.unwritable)
}

struct UpsertBodiesTests {
    private func texts(_ points: [String], budget: Int = 1 << 20) throws -> [String] {
        try bodies(of: points, budget: budget).bodies.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func theBytesOfAPointAreKept() throws {
        let one = #"{"id":18446744073709551615, "payload":{"ü\u00e9":1.50}, "vector":{"s":{"indices":[1],"values":[1e-7]}}}"#
        #expect(try texts([one, #"{"id":2,"vector":[1.0]}"#]) == [#"{"points":["# + one + #",{"id":2,"vector":[1.0]}]}"#])
    }

    @Test func whatAnUpsertDoesNotTakeIsDropped() throws {
        #expect(
            try texts([#"{"version":3,"id":1,"score":0.5,"order_value":[1],"payload":{"a": 1},"vector":[ 1.10 ],"shard_key":null}"#])
                == [#"{"points":[{"id":1,"vector":[ 1.10 ],"payload":{"a": 1}}]}"#])
        #expect(try texts([#"{"id":1}"#]) == [#"{"points":[{"id":1,"vector":{}}]}"#])
    }

    @Test func pointsOfDifferentShardKeysGoInDifferentBodies() throws {
        let points = ["\"eu\"", "7", "\"eu\"", "\"7\""].enumerated().map { #"{"id":\#($0),"vector":[1],"shard_key":\#($1)}"# }
        #expect(
            try texts(points) == [
                #"{"points":[{"id":3,"vector":[1]}],"shard_key":"7"}"#,
                #"{"points":[{"id":0,"vector":[1]},{"id":2,"vector":[1]}],"shard_key":"eu"}"#,
                #"{"points":[{"id":1,"vector":[1]}],"shard_key":7}"#,
            ])
    }

    @Test(arguments: [40, 60, 100, 257, 1000])
    func noBodyIsLargerThanTheBudgetUnlessOnePointIs(_ budget: Int) throws {
        let points = (0..<200).map { #"{"id":\#($0),"vector":[\#(String(repeating: "1", count: $0 % 40 + 1))],"shard_key":\#($0 % 7)}"# }
        let (bodies, _) = try bodies(of: points, budget: budget)
        #expect(bodies.reduce(0) { $0 + $1.count } == 200)
        #expect(bodies.allSatisfy { $0.bytes.count <= budget || $0.count == 1 })
        #expect(try bodies.flatMap(ids).sorted() == (0..<200).map { PointID.number($0) })
    }

    private func ids(in body: UpsertBody) throws -> [PointID] {
        var cursor = JSONCursor(body.bytes)
        try cursor.enterObject()
        var ids: [PointID] = []
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            guard key == Array("points".utf8) else {
                try cursor.skipValue()
                continue
            }
            let page = try PointPage(reading: RecordedPoints.enclosed("{\"result\":", cursor.verbatim(), "}"))
            ids += try page.ranges.indices.map { try page.point($0).id }
        }
        try cursor.finish()
        return ids
    }

    @Test func manyShardKeysDoNotFillTheMemory() throws {
        var writer = UpsertBodies(budget: 200)
        var early = 0
        for number in 0..<100 { early += try writer.add(Array(#"{"id":\#(number),"vector":[1],"shard_key":\#(number)}"#.utf8)[...]).count }
        #expect(early > 70)
        #expect(early + writer.finish().count == 100)
    }

    @Test func aPointThatTheServerWouldRefuseIsNamedAndLeftOut() throws {
        let (bodies, unwritable) = try bodies(of: [
            #"{"id":1,"vector":[null,1]}"#, #"{"id":2,"vector":{"null":[1]},"payload":{"a":null}}"#,
            #"{"id":3,"vector":{"m":[[1],[null]]}}"#,
        ])
        #expect(unwritable == [.number(1), .number(3)])
        #expect(bodies.map(\.count) == [1])
    }

    @Test(arguments: [#"{"id":1"#, #"{"vector":[1]}"#, #"{"id":1,"id":2}"#, #"[]"#, #"{"id":1} x"#])
    func whatIsNoPointIsRefused(_ json: String) {
        #expect(throws: JSONSyntaxError.self) { try bodies(of: [json]) }
    }
}

@Suite(.requires(RecordedPoints.missing()))
struct RecordedUpsertTests {
    @Test(arguments: ["1.16.3", "1.18.3"])
    func everyRecordedPointIsWrittenAsItWasRead(_ version: String) throws {
        for body in try RecordedPoints.firstPoints(version) {
            let page = try PointPage(reading: body)
            var writer = UpsertBodies()
            for index in page.ranges.indices { #expect(try writer.add(page[index]).isEmpty) }
            for written in writer.finish() {
                let kept = page.ranges.indices.map { Array(page[$0]) }.joined(separator: [UInt8(ascii: ",")]).map(\.self)
                #expect(written.bytes == RecordedPoints.enclosed("{\"points\":[", kept, "]}"))
            }
            #expect(writer.unwritable.isEmpty)
        }
    }
}
