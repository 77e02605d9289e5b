import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(5))) struct DumpedLineTests {
    private func read(_ line: String) throws -> DumpedLine { try DumpedLine(Array(line.utf8), 0..<line.utf8.count) }

    @Test func aTextAsKeyMakesADocumentWhateverElseThereIs() throws {
        for line in [
            #"{"_key":"a"}"#, #"{"_id":"c/a","_key":"a","type":2302}"#, #" { "type" : 2300, "data":{"_key":"b"}, "_key" : "\u0061" } "#,
        ] {
            #expect(try read(line) == .document(key: Array("a".utf8), isPlain: true), "\(line)")
        }
    }

    @Test func envelopesOfAllVersionsAreRead() throws {
        #expect(try read(#"{"type":2300,"data":{"x":{"_key":"no"},"_key":"a"}}"#) == .document(key: Array("a".utf8), isPlain: false))
        #expect(
            try read(#"{"type":2301,"key":"a","rev":"1","data":{"_key":"a","_from":"c\/1","_to":"c\/2"}}"#)
                == .document(key: Array("a".utf8), isPlain: false))
        #expect(try read(#"{"type":2302,"key":"a","rev":"11520262567"}"#) == .removal(key: Array("a".utf8)))
        #expect(try read(#"{"type":2302,"data":{"_key":"b"},"key":"a"}"#) == .removal(key: Array("b".utf8)))
        #expect(try read("") == .blank)
        #expect(try read("\r") == .blank)
    }

    @Test func keysAreCountedOnceInHoweverManyPassesItTakes() async throws {
        var dump = TestDump()
        var lines: [String] = []
        for n in 0..<1000 { lines.append(#"{"type":2300,"data":{"_key":"k\#(n % 300)","n":\#(n)}}"#) }
        for n in 0..<100 { lines.append(#"{"type":2302,"key":"k\#(n)"}"#) }
        lines.append(#"{"_key":"k5"}"#)
        dump.add("c", lines: lines)
        for told in [Int64(1), 1101, 3_000_000] {
            #expect(try await DocumentsLeft.count(dump.collections[0], in: dump, lines: told) == 201)
        }
    }

    @Test func requestsHoldEveryLineOnceInOrder() async throws {
        let lines = (0..<200).map { #"{"_key":"k\#($0)","pad":"\#(String(repeating: "x", count: $0 % 37))"}"# }
        for (blocks, budget) in [(1, 100), (7, 64), (200, 1 << 20), (50, 1), (3, 777)] {
            var dump = TestDump()
            let size = (lines.count + blocks - 1) / blocks
            dump.add(
                "c",
                lines: stride(from: 0, to: lines.count, by: size).map { lines[$0..<min($0 + size, lines.count)].joined(separator: "\n") })
            let reader = try #require(try await dump.lines(of: dump.collections[0]))
            var requests = RestoreRequests(reader, of: "c", budget: budget)
            var all: [UInt8] = []
            var next: Int64 = 1
            while let request = try await requests.next() {
                #expect(request.firstLine == next)
                #expect(request.tally.lines == Int64(request.bytes.count { $0 == UInt8(ascii: "\n") }))
                #expect(request.bytes.last == UInt8(ascii: "\n"))
                #expect(request.bytes.count <= budget || request.tally.lines == 1)
                next = request.lastLine + 1
                all += request.bytes
            }
            #expect(all.elementsEqual((lines.joined(separator: "\n") + "\n").utf8), "\(blocks) blocks, \(budget) bytes")
            #expect(next == 201)
        }
    }

    @Test func structuresAreTakenApartWithoutChangingALetter() throws {
        let parameters = #"{"name":"c","keyOptions":{"lastValue":18446744073709551615}, "x":1e400,"distributeShardsLike":"_graphs"}"#
        let text =
            #"{"allInSync":true,"indexes":[ {"type":"primary"},{"type":"ttl","fields":["a"],"expireAfter":1.0} ,{"type":"inverted","fields":[{"name":"b"},"c"]}],"parameters":\#(parameters),"planVersion":10402}"#
        let structure = try StructureText(
            RestorableCollection(name: "c", isEdge: false, isSystem: false, structure: Array(text.utf8)))
        #expect(String(decoding: structure.ofCollection, as: UTF8.self) == #"{"parameters":\#(parameters),"indexes":[]}"#)
        #expect(structure.isSpreadLikeAnother && !structure.isDeleted)
        #expect(structure.indexes.map(\.words) == ["ttl on 'a'", "inverted on 'b', 'c'"])
        #expect(
            String(decoding: structure.with(structure.indexes.filter(\.isLate)), as: UTF8.self)
                == #"{"parameters":\#(parameters),"indexes":[{"type":"ttl","fields":["a"],"expireAfter":1.0}]}"#)
    }

    @Test func indexesInsideTheParametersAreFoundToo() throws {
        let text = #"{"parameters":{"name":"c","type":2,"indexes":[{"type":"hash","fields":["a"]}]}}"#
        let structure = try StructureText(RestorableCollection(name: "c", isEdge: false, isSystem: false, structure: Array(text.utf8)))
        #expect(structure.indexes.map(\.type) == ["hash"])
        #expect(structure.indexes[0].isSame(as: StructureText.Index(["type": "persistent", "fields": ["a"]])))
        #expect(!structure.indexes[0].isSame(as: StructureText.Index(["type": "persistent", "fields": ["b"]])))
    }

    @Test func aViewGoesWithoutTheIdsOfAnother() throws {
        let definition = #"{ "id":"1626628", "name":"v" ,"planId":"7","links":{"c":{"id":"kept"}},"threshold":0.10000000149011612}"#
        let view = RestorableView(name: "v", type: "arangosearch", definition: Array(definition.utf8))
        #expect(
            String(decoding: try view.withoutIdentity(), as: UTF8.self)
                == #"{"name":"v","links":{"c":{"id":"kept"}},"threshold":0.10000000149011612}"#)
        let bad = RestorableView(name: "v", type: "arangosearch", definition: Array("{\"name\":".utf8))
        #expect(throws: Failure.self) { try bad.withoutIdentity() }
    }
}
