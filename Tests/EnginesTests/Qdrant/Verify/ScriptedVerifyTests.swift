import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What no server of the tests does by itself: an index that finds too little, an alias whose collection is gone.
@Suite(.timeLimit(.minutes(1))) struct ScriptedVerifyTests {
    private func target(_ server: BooksServer) -> QdrantTarget {
        let address = ServerAddress(host: "127.0.0.1", port: server.wire.port, user: nil, password: nil)
        return QdrantTarget(
            .configured(role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)),
            http: HTTPClient(), time: InstantTime())
    }

    private static func answer(_ ids: ClosedRange<UInt64>) -> WireServer.Answer {
        .json(#"{"points":[\#(ids.map { #"{"id":\#($0),"version":1,"score":\#(1 - Float($0) / 16)}"# }.joined(separator: ","))]}"#)
    }

    @Test(arguments: [("0.9", 3, true), ("0.75", 3, false), ("0.9", 4, false)] as [(String, UInt64, Bool)])
    func anIndexThatFindsLessThanIsStatedIsAFinding(_ stated: String, _ found: UInt64, _ isFinding: Bool) async throws {
        let asked = Mutex(0)
        let server = try BooksServer { line, _ in
            guard line.hasPrefix("POST /collections/books/points/query") else { return nil }
            let isExact = asked.withLock { asked in
                asked += 1
                return asked % 2 == 1
            }
            return Self.answer(1...(isExact ? 4 : found))
        }
        let neighbours = (1...4).map { GoldenQuery.Neighbour(id: .number($0), score: 1 - Float($0) / 16) }
        let golden = GoldenQuery(vectorName: "", query: .dense([1, 2]), limit: 4, exact: neighbours, indexed: neighbours)
        let captured = CapturedCollection(
            name: "books", points: 3, way: .snapshot, config: .object([.init("params", .object([]))]), status: "green", parts: [:],
            fingerprints: nil, writers: .idle)
        let sink = try await FolderSink()
        try await sink.record([captured.item, try QdrantBackup.golden(golden, 1, of: "books")])
        let hand = await sink.backup(
            Captured(
                engineVersion: "1.18.3", standIn: false,
                source: SourceIdentity(engine: .qdrant, address: "nowhere:6333", system: nil, database: nil),
                recoveryPoint: Timestamp(millisecondsSince1970: 1_795_000_000_000), totals: [:], problems: []),
            of: .qdrant, asRole: "snapshot")
        let known = try await QdrantBackup.read(hand)
        let outcome = try await CollectionVerification(
            target: target(server), backup: hand, known: known, captured: captured, name: "books", depth: .counts,
            recall: try #require(Double(stated)), comparesAliases: false, ignore: [], scratch: "/nonexistent", say: { _ in }
        ).run()
        let check = try #require(outcome.checks.first { $0.aspect == "recall of the index" })
        #expect(check.subject == "golden query books/1")
        #expect(check.isFinding == isFinding)
        #expect(check.expected == "at least \(stated)")
        #expect(check.actual == (found == 3 ? "0.75" : "1.0"))
        #expect(outcome.checks.contains { $0.subject == check.subject && $0.aspect == "exact neighbours" && $0.verdict == .held })
    }

    @Test(arguments: [(3, 1), (0, 0)] as [(Int64, Int)])
    func aBackupWithoutGoldenQueriesIsNotSilentAboutIt(_ points: Int64, _ count: Int) async throws {
        let server = try BooksServer()
        server.with { $0.points = points }
        let captured = CapturedCollection(
            name: "books", points: points, way: .snapshot, config: .object([.init("params", .object([]))]), status: "green", parts: [:],
            fingerprints: nil, writers: .idle)
        let sink = try await FolderSink()
        try await sink.record([captured.item])
        let hand = await sink.backup(
            Captured(
                engineVersion: "1.18.3", standIn: false,
                source: SourceIdentity(engine: .qdrant, address: "nowhere:6333", system: nil, database: nil),
                recoveryPoint: Timestamp(millisecondsSince1970: 1_795_000_000_000), totals: [:], problems: []),
            of: .qdrant, asRole: "snapshot")
        let outcome = try await CollectionVerification(
            target: target(server), backup: hand, known: try await QdrantBackup.read(hand), captured: captured, name: "books",
            depth: .counts, recall: 0.9, comparesAliases: false, ignore: [], scratch: "/nonexistent", say: { _ in }
        ).run()
        #expect(outcome.notExercised.count { $0.what == "golden queries of collection books" } == count, "\(outcome.notExercised)")
    }

    @Test func anAliasWhoseCollectionIsGoneIsNamedAsThat() async throws {
        let server = try BooksServer { line, _ in
            line == "GET /aliases"
                ? .json(#"{"aliases":[{"alias_name":"shelf","collection_name":"gone"},{"alias_name":"read","collection_name":"books"}]}"#)
                : nil
        }
        let readable = target(server).readable
        let dead = await #expect(throws: Failure.self) { try await readable.hasCollection("shelf", to: "drop") }
        #expect(dead?.kind == .refused)
        #expect(
            dead?.problem
                == "cannot drop 'shelf' on 'vectors' (127.0.0.1:\(server.wire.port)): it is an alias of collection 'gone', which is gone")
        let living = await #expect(throws: Failure.self) { try await readable.hasCollection("read", to: "drop") }
        #expect(living?.problem.hasSuffix("it is an alias, and collection 'books' is behind it") == true)
    }
}
