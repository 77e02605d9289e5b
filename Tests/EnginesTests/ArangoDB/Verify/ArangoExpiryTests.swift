import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What a ttl index takes out is rightly gone, and nothing else is.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoExpiryTests {
    @Test func whatHasExpiredMayBeGoneAndNothingElse() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"sessions"}"#)
        try await graph.server.ask(
            "POST", "/_api/index?collection=sessions", in: library, #"{"type":"ttl","fields":["at"],"expireAfter":60,"name":"t"}"#)
        let lines = (1...40).map { number in
            let time = number <= 10 ? "4102444800" : number <= 20 ? "\"2100-01-01T00:00:00.000Z\"" : number == 21 ? "null" : "\(number)"
            return #"{"_key":"\#(number)","at":\#(time)}"# + "\n"
        }
        try await graph.server.load(lines.joined(), into: "sessions", in: library)
        let taken = try await graph.take(library)
        func findings(_ content: String) async throws -> [String] {
            try await graph.run(ArangoVerifyStep.self, "{database: \(library), against: dump, content: \(content)}", [taken.hand]).findings
        }
        #expect(try await findings("documents").isEmpty)
        try await graph.server.query("FOR s IN sessions FILTER IS_NUMBER(s.at) AND s.at < 100 REMOVE s IN sessions", in: library)
        #expect(try await graph.server.count("sessions", in: library) == 21)
        #expect(try await findings("documents").isEmpty)
        #expect(try await findings("counts").isEmpty)
        try await graph.server.query("UPDATE \"11\" WITH {user: 1} IN sessions", in: library)
        #expect(try await findings("documents") == ["collection sessions: content of documents that have not expired"])
        try await graph.server.query("REMOVE \"21\" IN sessions", in: library)
        #expect(try await findings("counts") == ["collection sessions: documents"])
        #expect(
            try await findings("documents") == [
                "collection sessions: documents that have not expired", "collection sessions: content of documents that have not expired",
            ])
        try await graph.forget(library)
    }

    /// Where nothing is left to compare nothing was.
    @Test func whatHasExpiredWhollyIsNoPass() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"sessions"}"#)
        try await graph.server.ask(
            "POST", "/_api/index?collection=sessions", in: library, #"{"type":"ttl","fields":["at"],"expireAfter":0,"name":"t"}"#)
        try await graph.server.load((1...5).map { #"{"_key":"\#($0)","at":\#($0)}"# + "\n" }.joined(), into: "sessions", in: library)
        let taken = try await graph.take(library)
        try await graph.server.query("FOR s IN sessions REMOVE s IN sessions", in: library)
        for content in ["documents", "counts"] {
            let verified = try await graph.run(
                ArangoVerifyStep.self, "{database: \(library), against: dump, content: \(content)}", [taken.hand])
            #expect(
                !verified.checks.contains { $0.subject == "collection sessions" && $0.aspect.contains("documents") }, "\(verified.checks)")
            #expect(verified.notExercised.contains { $0.what == "documents of collection sessions" }, "\(verified.notExercised)")
        }
        try await graph.forget(library)
    }
}

@Suite struct ExpiryTests {
    @Test(arguments: [
        ("2026-11-26T10:00:00.250Z", 1_795_687_200.25), ("2026-11-26T10:00:00Z", 1_795_687_200), ("2026-11-26T10:00", 1_795_687_200),
        ("2026-11-26 10:00:00", 1_795_687_200), ("2026-11-26T11:00:00+01:00", 1_795_687_200), ("2026-11-26", 1_795_651_200),
        ("2026-11", 1_793_491_200), ("2026-1-5", 1_767_571_200),
    ])
    func datesAreReadAsServersReadThem(_ text: String, _ seconds: Double) { #expect(Expiry.seconds(text) == seconds) }

    @Test(arguments: ["", "tomorrow", "2026-13-01", "2026-11-26T25:00", "26.11.2026", "2026-11-26T10:00:00Zulu"])
    func whatIsNoDateIsNone(_ text: String) { #expect(Expiry.seconds(text) == nil) }

    /// A document in an envelope has no attributes of its own on the outside.
    @Test func documentsInEnvelopesExpireLikeOthers() async throws {
        let index = try StructureText.Index(Array(#"{"type":"ttl","fields":["at"],"expireAfter":0,"name":"t"}"#.utf8))
        let expiry = try #require(Expiry([index]))
        let sink = DigestSink(["s": expiry], lasting: Timestamp(millisecondsSince1970: 1_000_000))
        let lines = [
            #"{"type":2300,"data":{"_key":"1","at":5}}"#, #"{"type":2300,"data":{"_key":"2","at":5000}}"#, #"{"_key":"3","at":5}"#,
            #"{"_key":"4"}"#,
        ]
        try await sink.take("s", Array(lines.joined(separator: "\n").utf8))
        #expect(sink.lasting("s").documents == 2)
    }
}
