import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What a capture does with a server that is odd, slow or half broken.
@Suite(.timeLimit(.minutes(2))) struct CaptureCareTests {
    private func client(_ server: BooksServer) -> QdrantClient {
        QdrantClient(
            QdrantServer("vectors", at: ServerAddress(host: "127.0.0.1", port: server.wire.port, user: nil, password: nil)),
            http: HTTPClient(), time: InstantTime())
    }

    private static let scroll = "POST /collections/books/points/scroll"
    private static func page(_ first: Int, _ count: Int, more: Bool) -> WireServer.Answer {
        let points = (first..<first + count).map { #"{"id":\#($0),"payload":null,"vector":[1.0]}"# }.joined(separator: ",")
        return .json(#"{"points":[\#(points)],"next_page_offset":\#(more ? String(first + count) : "null")}"#)
    }

    @Test func aScanThatIsCancelledEndsWithTheNextPage() async throws {
        let server = try BooksServer { line, _ in line.hasPrefix(Self.scroll) ? Self.page(0, 2, more: true) : nil }
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let scanning = Task {
            try await CollectionScan(client: client(server), time: InstantTime(), say: { _ in }).run("books") { _ in begin.yield() }
        }
        _ = await begun.first { true }
        scanning.cancel()
        await #expect(throws: CancellationError.self) { try await scanning.value }
    }

    @Test func aPageThatIsTooLargeIsAskedForInHalves() async throws {
        let limits = Mutex<[Int]>([])
        let server = try BooksServer { line, _ in line.hasPrefix(Self.scroll) ? Self.page(0, 3, more: false) : nil }
        let pages = Mutex(0)
        try await CollectionScan(
            client: client(server), time: InstantTime(), say: { _ in }, answerLimit: 1000
        ).run("books") { _ in pages.withLock { $0 += 1 } }
        #expect(pages.withLock { $0 } == 1)
        for request in server.wire.requests where request.line.hasPrefix(Self.scroll) {
            limits.withLock { $0.append(Int(request.text.firstMatch(of: /"limit":([0-9]+)/)?.1 ?? "") ?? 0) }
        }
        #expect(limits.withLock { $0 } == [64])
        let narrow = try BooksServer { line, _ in line.hasPrefix(Self.scroll) ? Self.page(0, 3, more: false) : nil }
        let failure = await #expect(throws: Failure.self) {
            try await CollectionScan(client: client(narrow), time: InstantTime(), say: { _ in }, answerLimit: 50).run("books") { _ in }
        }
        #expect(failure?.kind == .engine)
        let asked = narrow.wire.requests.compactMap { $0.text.firstMatch(of: /"limit":([0-9]+)/).flatMap { Int($0.1) } }
        #expect(asked == [64, 32, 16, 8, 4, 2, 1])
    }

    @Test func anAnswerWithoutScoresIsNotWorthKeeping() async throws {
        let server = try BooksServer { line, _ in
            line.hasPrefix("POST /collections/books/points/query") ? .json(#"{"points":[{"id":1,"version":1,"score":null}]}"#) : nil
        }
        let point = Point(id: .number(1), vectors: ["": .dense([1, 2, 3])])
        #expect(try await GoldenCapture(client: client(server)).ask("books", about: [point], queries: 3) == [])
    }

    @Test func aNameThatIsMissingStopsNoOther() throws {
        let server = QdrantServer("vectors", at: ServerAddress(host: "h", port: 1, user: nil, password: nil))
        let choice = try CollectionChoice(CollectionOptions(include: ["aa", "bc", "c*"]), from: ["aa", "bb"], on: server)
        #expect(choice.chosen == ["aa"])
        #expect(choice.missing == ["there is no collection 'bc', and the policy names it (did you mean 'bb'?)"])
        #expect(throws: Failure.self) { try CollectionChoice(CollectionOptions(include: ["zz"]), from: ["aa"], on: server) }
    }

    @Test(.requires(TestQdrant.missingStandIn)) func whatOneLeavesHalfDoneIsInNobodysWay() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        for name in ["aa", "bb", "cc"] { try await server.fillBooks(name, points: 5) }
        // After its fingerprints are read, no snapshot of it can be written.
        try await TestSupport.write([], to: "\(server.folder)/snapshots/bb")
        let taken = try await qdrant.take(nil, fingerprints: true)
        #expect(try taken.collections.map(\.name) == ["aa", "cc"], "\(taken.captured.problems)")
        #expect(taken.captured.problems.count == 1)
        #expect(!taken.hand.manifest.artifacts.contains { $0.key.contains("/bb") })
        #expect(try await taken.sink.leftInWorkFolder() == [])
        #expect(try await QdrantExamine(taken.hand).examine(scratch: "/tmp").filter(\.isFinding).isEmpty)
    }

    @Test(.requires(TestQdrant.missing)) func noSnapshotIsRecoveredOnACluster() async throws {
        let cluster = try BooksServer { line, _ in
            switch line {
            case "GET /cluster": .json(#"{"status":"enabled","peer_id":1,"peers":{"1":{"uri":"http://a:6335/"}}}"#)
            case "GET /": .status(200, body: Array(#"{"title":"qdrant","version":"1.18.3"}"#.utf8))
            case _ where line.hasPrefix("POST /collections/books/points/count"): .json(#"{"count":0}"#)
            default: nil
            }
        }
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let taken = try await qdrant.take(name)
        let address = ServerAddress(host: "127.0.0.1", port: cluster.wire.port, user: nil, password: nil)
        let target = QdrantTarget(
            .configured(role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)),
            http: HTTPClient(), time: RealTime())
        let recover = try step(RecoverSnapshotStep.self, "{collection: books, name_in_backup: \(name), from: snapshot}")
        let drop = try step(DropCollectionStep.self, "{collection: books, name_in_backup: \(name), refill: snapshot}")
        let lacks = try await recover.lacks(reading: target.reading([taken.hand]), commands: TestCommands())
        #expect(lacks.contains { $0.words.contains("that is a node of a cluster") })
        for step in [recover, drop] as [any Step] {
            let effects = try await step.effects(reading: target.reading([taken.hand]))
            let failure = await #expect(throws: Failure.self) {
                try await step.run(in: try target.context([taken.hand], agreed: effects))
            }
            #expect(failure?.kind == .unfit)
        }
        #expect(cluster.count(BooksServer.upload) == 0)
        #expect(cluster.count("DELETE /collections/books") == 0)
        try await qdrant.forget(name)
    }
}
