import Documents
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(5))) struct LineScanTests {
    private func scan(_ line: [UInt8], vectors: [VectorAttribute] = []) throws -> LineScan {
        var scan = LineScan(vectors: vectors)
        // Something stands before and behind it.
        try scan.read(Array("x\n".utf8) + line + Array("\n{".utf8), 2..<line.count + 2)
        return scan
    }

    /// What both make of a line.
    private func meaning(_ line: [UInt8]) throws -> DumpedLine {
        let scan = try scan(line)
        let bytes = Array("x\n".utf8) + line + Array("\n{".utf8)
        guard let key = scan.document.key, scan.kind != .blank else { return .blank }
        let text = try LineText.text(bytes, key)
        return scan.kind == .removal ? .removal(key: text) : .document(key: text, isPlain: scan.kind == .plain)
    }

    private static let lines = [
        #"{"_key":"a","_id":"c/a","x":[1,{"_key":"no"}],"type":2302,"data":{"_key":"z"}}"#,
        #" { "type" : 2300, "data":{"_key":"b"}, "_key" : "\u0061" } "#, #"{"\u005f\u006bey":"a"}"#,
        #"{"type":2300,"data":{"x":{"_key":"no"},"_key":"a"}}"#,
        #"{"type":2301,"key":"a","rev":"1","data":{"_key":"a","_from":"c\/1","_to":"c\/2"}}"#,
        #"{"type":2302,"key":"a","rev":"11520262567"}"#, #"{"type":2302,"data":{"_key":"b"},"key":"a"}"#, "", "\r", " ",
        #"{"_key":5,"type":2300,"data":{"_key":"c"}}"#,
        #"{"_key":"ü😀","n":-0.0,"e":1e400,"i":18446744073709551615,"t":true,"f":false,"z":null}"#,
    ]

    @Test(arguments: lines) func linesMeanWhatARestoreMakesOfThem(_ line: String) throws {
        let bytes = Array(line.utf8)
        #expect(try meaning(bytes) == DumpedLine(bytes, bytes.indices))
    }

    /// It may refuse more, since it reads to the end; it never takes a line for another one.
    @Test func changedLinesAreRefusedOrMeanTheSame() throws {
        var refused = 0
        var taken = 0
        for line in Self.lines {
            let bytes = Array(line.utf8)
            for index in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(bit)
                    guard let ours = try? meaning(changed) else {
                        refused += 1
                        continue
                    }
                    taken += 1
                    #expect(ours == (try? DumpedLine(changed, changed.indices)), "\(String(decoding: changed, as: UTF8.self))")
                }
            }
            for end in bytes.indices.dropFirst(2) {
                #expect((try? meaning(Array(bytes[..<end]))) == nil || line.hasSuffix(" "), "\(line.prefix(end))")
            }
        }
        #expect(refused > 1000 && taken > 200)
    }

    @Test(arguments: [
        #"{"_key":"a"} x"#, #"{"_key":"a","b":[1,]}"#, #"{"_key":"a","b":01}"#, #"{"_key":"a","b":1.}"#, #"{"_key":"a" "b":1}"#,
        #"{"_key":"a","b":tru}"#, "{\"_key\":\"a\u{1}\"}", #"{"_key":"a","_key":"b"}"#, #"{"_key":"a","_from":"a/b","_from":"a/c"}"#,
        #"["_key"]"#, #"{"a":1}"#, #"{"type":2300,"data":{}}"#, #"{"type":2303,"data":{"_key":"a"}}"#, #"{"_key":"a""#, #"{"_key":"a",}"#,
        "{", "x",
    ]) func whatIsNoDocumentIsRefused(_ line: String) {
        #expect(throws: JSONSyntaxError.self) { try scan(Array(line.utf8)) }
    }

    @Test func vectorsAreFoundWhereTheirIndexSays() throws {
        let vectors = [VectorAttribute("v", dimension: 3), VectorAttribute("data.v", dimension: 2), VectorAttribute("a.b.c", dimension: 1)]
        func found(_ line: String) throws -> [VectorAttribute.Found] { Array(try scan(Array(line.utf8), vectors: vectors).found) }
        #expect(try found(#"{"_key":"k"}"#) == [.nothing, .nothing, .nothing])
        #expect(
            try found(#"{"v":[1, -2.5e3 ,3],"data":{"v":[],"_key":"x"},"a":{"b":{"c":[7],"v":[1]},"v":[2]},"_key":"k"}"#)
                == [.numbers(3), .numbers(0), .numbers(1)])
        #expect(try found(#"{"_key":"k","v":null,"data":[1],"a":{"b":{"c":["1"]}}}"#) == [.nothing, .nothing, .somethingElse])
        #expect(
            try found(#"{"type":2300,"v":[1],"data":{"_key":"k","v":[1,2,3],"data":{"v":[1,2]},"a":{"b":3}}}"#)
                == [.numbers(3), .numbers(2), .nothing])
    }

    @Test func keysAreThoseThatServersTake() {
        for key in ["a", "0", "A:b", "_-:.@()+,=;$!*'%", String(repeating: "x", count: 254)] {
            #expect(DocumentKey.isValid(Array(key.utf8), 0..<key.utf8.count), "\(key)")
        }
        for key in ["", "a/b", "a b", "ü", "a\"", "#", "\\", "\u{7F}", String(repeating: "x", count: 255)] {
            #expect(!DocumentKey.isValid(Array(key.utf8), 0..<key.utf8.count), "\(key)")
        }
    }

    /// As its authors print them.
    @Test(
        arguments: [
            (0, 0xe6a8_25ba_047f_81a3, 0x9302_55c7_1472_f66d), (1, 0x44af_996b_d8c1_87da, 0x45fc_229b_1159_7634),
            (2, 0xc75d_a4a4_8d22_7781, 0xe4ff_0af6_de8b_a3fc),
        ] as [(Int, UInt64, UInt64)]) func hashesAreThoseOfSipHash(_ count: Int, _ upper: UInt64, _ lower: UInt64)
    {
        let hash = KeyHash(secret: Array(0..<16))(Array(0..<UInt8(count)), 0..<count)
        #expect(hash.upper == upper && hash.lower == lower)
    }

    @Test func hashesSeeEveryByteAndNothingElse() {
        let hash = KeyHash(secret: Array(0..<16))
        var seen: Set<UInt64> = []
        let bytes = Array((0..<40).map { UInt8($0) })
        for start in 0..<20 { for end in start..<40 { seen.insert(hash(bytes, start..<end).lower) } }
        // Only the empty ones are equal.
        #expect(seen.count == (0..<20).reduce(0) { $0 + 39 - $1 } + 1)
        #expect(hash(bytes, 3..<20) == hash(Array(bytes[3..<20]), 0..<17))
    }

    @Test func marksKeepWhatTheyAreTold() {
        let place = DocumentMark.Place(file: (1 << 20) - 1, line: DocumentMark.mostLines - 1)
        let mark = DocumentMark((.max, .max), of: (1 << 20) - 1, .removal, isEnd: true, at: place)
        #expect(mark.place == place && mark.collection == DocumentMark.outside && mark.kind == .removal && mark.isEnd)
        let low = DocumentMark((0, 0), of: 0, .plain, at: .init(file: 0, line: 1))
        #expect(low.place == .init(file: 0, line: 1) && low.collection == 0 && low.kind == .plain && !low.isEnd)
        #expect(low < mark)
    }

    @Test func setsOfLinesHoldWhatWasPutIn() {
        var (one, other) = (LineSet(), LineSet())
        for line in stride(from: Int64(1), to: 5000, by: 7) { one.insert(line) }
        for line in stride(from: Int64(2), to: 900, by: 5) { other.insert(line) }
        let both = one.union(other)
        for line in Int64(0)..<6000 {
            #expect(one.contains(line) == (line < 5000 && line % 7 == 1))
            #expect(both.contains(line) == (one.contains(line) || other.contains(line)))
            #expect(other.union(one).contains(line) == both.contains(line))
        }
    }
}
