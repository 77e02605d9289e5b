import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Who may use a database is kept elsewhere than in it.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoGrantTests {
    /// A server forgets who may use a database when it is dropped.
    @Test func whoMayUseItComesBack() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let user = graph.name("bob")
        try await graph.server.ask("POST", "/_api/user", #"{"user":"\#(user)","passwd":"x"}"#)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)", #"{"grant":"ro"}"#)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)/books", #"{"grant":"rw"}"#)
        let taken = try await graph.take(library)
        #expect(taken.items.contains { $0.kind == "grant" && $0.name == "\(library)/\(user)" })
        func may() async throws -> String? {
            try await graph.server.ask("GET", "/_api/user/\(user)/database/\(library)")["result"]?.string
        }
        try await graph.run(ArangoDropDatabaseStep.self, "{database: \(library), refill: dump}", [taken.hand])
        try await graph.run(ArangoCreateDatabaseStep.self, library)
        #expect(try await may() == "none")
        let restored = try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump}", [taken.hand])
        #expect(restored.notes.contains("user '\(user)' may use it as before"), "\(restored.notes)")
        #expect(try await may() == "ro")
        let verify = "{database: \(library), against: dump}"
        #expect(try await graph.run(ArangoVerifyStep.self, verify, [taken.hand]).findings.isEmpty)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)", #"{"grant":"rw"}"#)
        #expect(try await graph.run(ArangoVerifyStep.self, verify, [taken.hand]).findings == ["user \(user): what it may do"])
        // Over a database that was never dropped they are somebody's later word.
        let over = try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump, replace: true}", [taken.hand])
        #expect(over.notExercised.contains { $0.what == "grants of user \(user)" }, "\(over.notExercised)")
        #expect(try await may() == "rw")
        try await graph.server.ask("DELETE", "/_api/user/\(user)")
        let without = try await graph.run(ArangoVerifyStep.self, verify, [taken.hand])
        #expect(without.findings.isEmpty && without.notExercised.contains { $0.what == "grants of user \(user)" }, "\(without)")
        try await graph.forget(library)
    }

    /// What was cut off between two calls is completed by the next attempt.
    @Test func aPartOfWhatWasGivenIsCompleted() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let user = graph.name("carol")
        try await graph.server.ask("POST", "/_api/user", #"{"user":"\#(user)","passwd":"x"}"#)
        let whole = ArangoGrant(user: user, level: "ro", collections: ["books": "rw", "cites": "none"])
        try await graph.target.client.restore(ArangoGrant(user: user, level: "ro", collections: ["books": "rw"]), in: library)
        let outcome = try await GrantRestore(client: graph.target.client, database: library, grants: [whole]).restore()
        #expect(outcome.notExercised.isEmpty, "\(outcome.notExercised)")
        #expect(try await graph.target.client.grant(of: user, in: library).givesWhat(whole))
        let other = ArangoGrant(user: user, level: "rw", collections: ["books": "rw"])
        let refused = try await GrantRestore(client: graph.target.client, database: library, grants: [other]).restore()
        #expect(refused.notExercised.count == 1)
        try await graph.server.ask("DELETE", "/_api/user/\(user)")
        try await graph.forget(library)
    }

    /// A level of its own on one server may be what the account has everywhere on another.
    @Test func whatItMayEverywhereCountsAsMuch() {
        let kept = ArangoGrant(user: "a", level: "rw", collections: [:])
        #expect(ArangoGrant(user: "a", level: nil, collections: [:], everywhere: "rw").givesWhat(kept))
        #expect(!ArangoGrant(user: "a", level: nil, collections: [:], everywhere: "ro").givesWhat(kept))
        #expect(!ArangoGrant(user: "a", level: "ro", collections: [:], everywhere: "rw").givesWhat(kept))
        #expect(!ArangoGrant(user: "a", level: "rw", collections: ["x": "none"]).givesWhat(kept))
    }
}
