import Documents
import TestSupport
import Testing

@testable import Engines

private func page(_ text: String) throws -> PointPage { try PointPage(reading: Array(text.utf8)) }

struct PointPageTests {
    @Test func membersComeInAnyOrderAndUnknownOnesArePassed() throws {
        let found = try page(
            #" {"time":1.5e-3, "usage":{"a":[1,{"b":"\u00e9\\"}]},"result": { "next_page_offset" : "x" , "points":[ {"id":1}, {"id" : 2 } ],"new":null},"status":"ok"} "#
        )
        #expect(found.count == 2)
        #expect(String(decoding: found[1], as: UTF8.self) == #"{"id" : 2 }"#)
        #expect(found.nextPageOffset == Array(#""x""#.utf8))
        #expect(try found.point(1).id == .number(2))
    }

    @Test func theNextOffsetIsKeptAsItStands() throws {
        let found = try page(#"{"result":{"points":[],"next_page_offset":18446744073709551615}}"#)
        #expect(found.nextPageOffset == Array("18446744073709551615".utf8))
        #expect(try page(#"{"result":{"points":[],"next_page_offset":null}}"#).nextPageOffset == nil)
        #expect(try page(#"{"result":[{"id":1}]}"#).nextPageOffset == nil)
    }

    @Test(arguments: [
        (#"{"status":{"error":"no"},"time":0}"#, "the answer has no 'result'"),
        (#"{"result":null}"#, "the result is no list of points"),
        (#"{"result":{"points":[]}}"#, "the result does not say whether there is a next page"),
        (#"{"result":{"next_page_offset":null}}"#, "the result has no 'points'"),
        (#"{"result":{"points":[1],"next_page_offset":null}}"#, "a point is no object"),
        (#"{"result":{"points":[],"next_page_offset":[1]}}"#, "the offset of the next page is no id"),
        (#"{"result":[],"result":[]}"#, "'result' appears twice"),
        (#"{"result":{"points":[],"points":[],"next_page_offset":null}}"#, "'points' appears twice"),
        (#"{"result":[]} x"#, "text after the end"),
        (#"{"result":[{"id":1},]}"#, "a point is no object"),
        (#"{"result":[{"id":1}{"id":2}]}"#, "expected ',' or ']'"),
        (#"{"result":[{"id":1,}]}"#, "expected a key"),
        (#"{"result":[{"id" 1}]}"#, "expected ':'"),
        (#"{"result":[{"id":01}]}"#, "expected ',' or '}'"),
        (#"{"result":[{"v":[1.,2]}]}"#, "expected a digit"),
        (#"{"result":[{"v":[1e,2]}]}"#, "expected a digit"),
        (#"{"result":[{"v":[.5]}]}"#, "expected a value"),
        (#"{"result":[{"v":[-]}]}"#, "expected a value"),
        (#"{"result":[{"v":[1,]}]}"#, "expected a value"),
        (#"{"result":[{"v":[NaN]}]}"#, "expected a value"),
        (#"{"result":[{"v":nul}]}"#, "expected a value"),
        (#"{"result":[{"v":"\x"}]}"#, "unknown escape"),
        (#"{"result":[{"v":"\u12g4"}]}"#, "expected four hexadecimal digits"),
        (#"{"result":[{"v":"\ud800"}]}"#, "a lone surrogate"),
        (#"{"result":[{"v":"\udc00\ud800"}]}"#, "a lone surrogate"),
        ("{\"result\":[{\"v\":\"\u{1}\"}]}", "a control character stands in a text"),
        (#"[]"#, "expected an object"), ("", "the text ends too early"), ("<html>", "expected an object"),
        (#"{"result":"# + String(repeating: "[", count: 100_000), "a point is no object"),
        (#"{"result":[{"v":"# + String(repeating: "[", count: 100_000), "nested deeper than 256 levels"),
        (#"{"result":[{"v":"# + String(repeating: "{\"a\":", count: 100_000), "nested deeper than 256 levels"),
    ])
    func whatIsNoWholeAnswerIsRefused(_ text: String, _ problem: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try page(text) }
        #expect(error?.problem == problem)
    }

    @Test func theErrorSaysAtWhichByte() {
        let error = #expect(throws: JSONSyntaxError.self) { try page(#"{"result":[{"id":1,"v":[1.5,x]}]}"#) }
        #expect(error.map { "\($0)" } == "expected a value, at byte 28")
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        [0xE2, 0x82], [0xFF],
    ])
    func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8]) {
        let text = RecordedPoints.enclosed(#"{"result":[{"p":""#, bytes, #""}]}"#)
        #expect(throws: JSONSyntaxError(problem: "a text is not UTF-8", offset: 17)) { try PointPage(reading: text) }
    }

    @Test func anAnswerThatWasCutIsRefusedWhereverThatWas() {
        let whole = Array(
            #"{"result":{"points":[{"id":1,"payload":{"ü\n😀":[true,false,null,-1.5e-7]},"vector":{"t":[0.1,null]}},{"id":"550e8400-e29b-41d4-a716-446655440000"}],"next_page_offset":3},"status":"ok","time":0.5}"#
                .utf8)
        for length in 0..<whole.count {
            #expect(throws: JSONSyntaxError.self, "at \(length)") { try PointPage(reading: Array(whole[..<length])) }
        }
        #expect((try? PointPage(reading: whole))?.count == 2)
    }
}

@Suite(.requires(RecordedPoints.missing()))
struct RecordedPageTests {
    @Test(arguments: ["1.16.3", "1.18.3"])
    func everyRecordedPageIsRead(_ version: String) throws {
        let scrolls = try RecordedPoints.answers(version, to: "/points/scroll").map(PointPage.init(reading:))
        #expect(scrolls.count >= 8)
        #expect(scrolls.contains { $0.nextPageOffset == Array("11".utf8) })
        let last = try #require(scrolls.max { $0.count < $1.count })
        let ids = try last.ranges.indices.map { try last.point($0).id }
        #expect(ids.contains(.number(.max)) && ids == ids.sorted())
        let lists = try RecordedPoints.answers(version, to: "/points").filter { $0.starts(with: "{\"result\":[".utf8) }
        let counts = try lists.map { try PointPage(reading: $0).count }
        #expect(counts.reduce(0, +) > 10)
    }

    @Test(arguments: ["1.16.3", "1.18.3"])
    func aRecordedPageCutAnywhereIsRefused(_ version: String) throws {
        for body in try RecordedPoints.answers(version, to: "/points/scroll") {
            for length in body.indices {
                #expect(throws: JSONSyntaxError.self, "at \(length)") { try PointPage(reading: Array(body[..<length])) }
            }
        }
    }

    @Test(arguments: ["1.16.3", "1.18.3"])
    func aRecordedPageWithAByteChangedNeverCrashes(_ version: String) throws {
        for body in try RecordedPoints.answers(version, to: "/points/scroll") where body.count < 600 {
            for place in body.indices {
                for byte in Array("\"\\{}[],:0-en\u{0}".utf8) + [0xFF] {
                    var changed = body
                    changed[place] = byte
                    guard let page = try? PointPage(reading: changed) else { continue }
                    for index in page.ranges.indices { _ = try? page.point(index) }
                }
            }
        }
    }

    @Test(arguments: ["1.15.5", "1.16.3", "1.18.3"])
    func thePointsOfEverySnapshotAreRead(_ version: String) throws {
        let pages = try RecordedPoints.firstPoints(version).map(PointPage.init(reading:))
        let points = try pages.flatMap { page in try page.ranges.indices.map(page.point) }
        #expect(points.count >= 10)
        #expect(!points.contains { $0.hasUnreadableValues })
        #expect(Set(points.map(PointFingerprint.init(of:))).count > 5)
    }

    @Test func aRealPointHasItsVectorsOfEveryKind() throws {
        let pages = try RecordedPoints.firstPoints("1.18.3").map(PointPage.init(reading:))
        let points = try pages.flatMap { page in try page.ranges.indices.map(page.point) }
        let rich = try #require(points.first { $0["colbert"] != nil && $0["bytes"] != nil && $0["image"] != nil })
        guard case .multi(let rows) = rich["colbert"], case .dense(let bytes) = rich["bytes"] else {
            Issue.record("the kinds are wrong")
            return
        }
        #expect(rows.count > 1 && rows.allSatisfy { $0.count == 8 })
        #expect(bytes.count == 8 && bytes.allSatisfy { (0...255).contains($0) })
        #expect(points.contains { if case .sparse(let vector) = $0["bm25"] { vector.indices == [53, 87, 713, 992] } else { false } })
        #expect(points.contains { $0.payload.description.contains(#""text":"größe 2 😀""#) })
    }
}
