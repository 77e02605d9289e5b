import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(1)))
struct QdrantNameTests {
    static let refused: [(String, String)] = [
        ("", "it is empty"), (".", "a server may take it for a folder"), ("..", "a server may take it for a folder"),
        ("a/b", "it holds '/'"), ("../x", "it holds '/'"), ("a\\b", "it holds '\\'"), ("a:b", "it holds ':'"), ("a<b", "it holds '<'"),
        ("a>b", "it holds '>'"), ("a\"b", "it holds '\"'"), ("a|b", "it holds '|'"), ("a?b", "it holds '?'"), ("a*b", "it holds '*'"),
        ("a\0b", "it holds a control character"), ("a\nb", "it holds a control character"), ("a\u{1F}b", "it holds a control character"),
        (String(repeating: "n", count: 256), "it has 256 bytes"), (String(repeating: "ü", count: 128), "it has 256 bytes"),
    ]

    @Test(arguments: refused) func whatNoServerMayBeAskedIsRefused(_ name: String, _ problem: String) throws {
        let failure = #expect(throws: Failure.self) { try QdrantName.check(name) }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem == "'\(name)' cannot be the name of a collection: \(problem)")
        #expect(failure?.hint == QdrantName.rule)
        #expect(throws: Mistake.self) { try CollectionName(scalar: name) }
    }

    @Test(arguments: ["a", "...", "a.b", "größe 2 😀", "a b", "a%2Fb", "%2e%2e", "a#b", "a&b=c", "~", String(repeating: "n", count: 255)])
    func whatServersTakeIsTaken(_ name: String) throws {
        try QdrantName.check(name)
        #expect(try CollectionName(scalar: name).text == name)
    }

    @Test(arguments: [
        ("books", "books"), ("a b", "a%20b"), ("a/b", "a%2Fb"), ("..", ".."), ("%2e", "%252e"), ("ü", "%C3%BC"), ("a?b#c", "a%3Fb%23c"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"), ("\t", "%09"), ("-._~", "-._~"), ("a\u{7F}", "a%7F"),
    ])
    func oneComponentOfAPathStaysOne(_ text: String, _ escaped: String) { #expect(text.percentEncoded == escaped) }

    @Test func everyCallRefusesABadNameBeforeAnythingIsSent() async throws {
        let server = try WireServer { _ in .json("true") }
        let client = server.client()
        let bad = ".."
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await client.info(bad) }, { _ = try await client.shards(bad) }, { _ = try await client.count(bad) },
            { try await client.create(bad, [:]) }, { try await client.patch(bad, [:]) }, { _ = try await client.drop(bad) },
            { try await client.createIndex("f", "keyword", in: bad) }, { _ = try await client.scroll(bad, from: nil, limit: 1) },
            { _ = try await client.retrieve(bad, ids: ["1"]) }, { try await client.upsert([], into: bad) },
            { _ = try await client.query(bad, [], "search") }, { _ = try await client.snapshots(of: bad) },
            { _ = try await client.createSnapshot(of: bad) },
            { try await client.download(testSnapshot("x", size: 1), of: bad) { _ in } },
            { try await client.download(testSnapshot(bad, size: 1), of: "books") { _ in } },
            { try await client.download(testSnapshot("../../config.yaml", size: 1), of: "books") { _ in } },
            { try await client.deleteSnapshot("x", of: bad) }, { try await client.deleteSnapshot(bad, of: "books") },
            { try await client.recover(bad, from: "file:///x", sha256: nil, .snapshot) },
            { try await client.upload("/x", bytes: 1, as: "x", into: bad, sha256: nil, .snapshot, boundary: "b") },
            { try await client.upload("/x", bytes: 1, as: "a\"b", into: "books", sha256: nil, .snapshot, boundary: "b") },
            { try await client.upload("/x", bytes: 1, as: "a\r\nb", into: "books", sha256: nil, .snapshot, boundary: "b") },
        ]
        for (index, call) in calls.enumerated() {
            #expect(await failureOf(call)?.kind == .refused, "call \(index)")
        }
        #expect(server.connections == 0)
    }

    @Test func oddNamesArriveAsTheyAre() async throws {
        let server = try WireServer { $0.method == "GET" ? .json("[]") : .json(#"{"status":"completed"}"#) }
        let client = server.client()
        _ = try await client.snapshots(of: "a b#%2F/".replacing("/", with: "ü"))
        try await client.createIndex("meta/teil \"a\".b", "keyword", in: "a;b")
        try await client.change(
            aliases: [["create_alias": ["alias_name": "live/1", "collection_name": "größe"]]], "point the alias")
        #expect(
            server.lines == [
                "GET /collections/a%20b%23%252F%C3%BC/snapshots", "PUT /collections/a%3Bb/index?wait=true",
                "POST /collections/aliases?timeout=600",
            ])
        #expect(server.requests[1].text == #"{"field_name":"meta/teil \"a\".b","field_schema":"keyword"}"#)
        #expect(server.requests[2].text == #"{"actions":[{"create_alias":{"alias_name":"live/1","collection_name":"größe"}}]}"#)
        #expect(server.requests[1].header("content-type") == "application/json")
    }
}
