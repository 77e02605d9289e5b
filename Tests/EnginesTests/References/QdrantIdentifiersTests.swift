import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(2))) struct QdrantIdentifiersTests {
    private let name = "references_\(randomHex(6))"

    private func with(_ points: String, _ use: (ReadableQdrant) async throws -> Void) async throws {
        let server = try await TestQdrant.shared()
        try await server.ask("PUT", "/collections/\(name)", #"{"vectors":{"size":2,"distance":"Dot"}}"#)
        try await server.ask("PUT", "/collections/\(name)/points?wait=true", "{\"points\":[\(points)]}")
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await use(QdrantUnderTest.target(server).readable)) } catch { outcome = .failure(error) }
        try await server.ask("DELETE", "/collections/\(name)")
        try outcome.get()
    }

    private func point(_ id: String, _ payload: String = "{}") -> String { #"{"id":\#(id),"vector":[1,2],"payload":\#(payload)}"# }

    @Test func idsAreNumbersOf64BitsAndUUIDs() async throws {
        let uuid: UInt128 = 0xc0ffee00_1234_5678_9abc_def012345678
        try await with(
            [point("0"), point("7"), point("18446744073709551615"), point("\"C0FFEE00-1234-5678-9ABC-DEF012345678\"")].joined(
                separator: ",")
        ) { server in
            try await server.using("{target: vectors, collection: \(name)}") { ids in
                let there1 = try await Set(ids.values())
                #expect(
                    there1 == [
                        .identifier(.number(0)), .identifier(.number(7)), .identifier(.number(18_446_744_073_709_551_615)),
                        .identifier(.uuid(uuid)),
                    ])
                let asked: [Identifier] = [
                    .number(7), .number(8), .number(-7), .number(18_446_744_073_709_551_615), .number(18_446_744_073_709_551_616),
                    .uuid(uuid), .uuid(7),
                ]
                let there2 = try await ids.absent(asked)
                #expect(
                    there2 == [.number(8), .number(-7), .number(18_446_744_073_709_551_616), .uuid(7)])
            }
        }
    }

    @Test func whatLiesUnderAKeyOfThePayloadIsRead() async throws {
        let payloads = [
            #"{"book":5,"source":{"chunk":"a"},"parts":[{"of":1},{"of":2}]}"#, #"{"book":[6,7],"source":{"chunk":null}}"#,
            #"{"book":null}"#, "{}",
            #"{"book":18446744073709551615}"#, #"{"book":1.5,"source":"no object"}"#, #"{"book":"5"}"#, #"{"book":[]}"#, #"{"book":true}"#,
        ]
        try await with(payloads.enumerated().map { point("\($0.offset)", $0.element) }.joined(separator: ",")) { server in
            try await server.using("{target: vectors, collection: \(name), field: book}") { books in
                let there3 = try await books.values()
                #expect(
                    there3 == [
                        .identifier(.number(5)), .identifier(.number(6)), .identifier(.number(7)), .null, .null,
                        .identifier(.number(18_446_744_073_709_551_615)), .other("1.5"), .identifier(.text("5")), .null, .other("true"),
                    ])
                // A text is no number to the server, nor to us.
                let asked: [Identifier] = [.number(5), .number(7), .number(8), .text("5"), .text("7"), .number(18_446_744_073_709_551_616)]
                let there4 = try await books.absent(asked)
                #expect(
                    there4 == Set([asked[2], asked[4], asked[5]]))
            }
            try await server.using("{target: vectors, collection: \(name), field: source.chunk}") { chunks in
                let there5 = try await chunks.values()
                #expect(
                    there5 == [.identifier(.text("a"))] + Array(repeating: .null, count: 8))
                let there6 = try await chunks.absent([.text("a"), .text("b")])
                #expect(
                    there6 == [.text("b")])
            }
            try await server.using("{target: vectors, collection: \(name), field: 'parts[].of'}") { parts in
                let there7 = try await parts.values().prefix(2)
                #expect(
                    there7 == [.identifier(.number(1)), .identifier(.number(2))])
                let there8 = try await parts.absent([.number(2), .number(3)])
                #expect(
                    there8 == [.number(3)])
            }
        }
    }

    /// Many points have the same value; what is asked for after them is found all the same.
    @Test func valuesThatComeOftenHideNoOther() async throws {
        let points = (0..<6000).map { point("\($0)", #"{"book":\#($0 < 5990 ? 1 : $0)}"#) }
        try await with(points.joined(separator: ",")) { server in
            try await server.using("{target: vectors, collection: \(name), field: book}") { books in
                let asked = [Identifier.number(1)] + (5985..<6005).map { .number(Int128($0)) }
                let there9 = try await books.absent(asked)
                #expect(
                    there9
                        == Set((5985..<5990).map { .number(Int128($0)) } + (6000..<6005).map { .number(Int128($0)) }))
                let there10 = try await books.values().count
                #expect(
                    there10 == 6000, "page by page")
            }
        }
    }

    @Test func anAliasStandsForItsCollection() async throws {
        try await with(point("1")) { server in
            try await TestQdrant.shared().alias("\(name)_alias", for: name)
            try await server.using("{target: vectors, collection: \(name)_alias}") { ids in
                let there11 = try await ids.values()
                #expect(
                    there11 == [.identifier(.number(1))])
                let there12 = try await ids.absent([.number(1), .number(2)])
                #expect(
                    there12 == [.number(2)])
            }
        }
    }

    @Test func aCollectionThatIsNotThereIsSaidToBeMissing() async throws {
        let server = try await TestQdrant.shared()
        let missing = await #expect(throws: NoSuchPlace.self) {
            _ = try await QdrantUnderTest.target(server).readable.identifiers(at: place("{target: vectors, collection: nowhere}"))
        }
        #expect(missing?.words.hasPrefix("there is no collection or alias 'nowhere' on 'vectors' (") == true)
    }
}

@Suite struct PayloadPathTests {
    @Test func onlyWhatReadsTheSameHereAndThereIsAKey() {
        for path in ["book", "source.chunk_id", "parts[].of", "a-b.c[]"] { #expect(PayloadPath(path)?.text == path) }
        for path in ["", ".", "a.", "a[0]", "a b", #""a.b""#, "a[].", "ä"] { #expect(PayloadPath(path) == nil, "\(path)") }
    }
}
