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

    /// Else it would stop the capture of every other collection.
    @Test func aPointThatNobodyUnderstandsIsAMatterOfItsCollection() async throws {
        let server = try BooksServer { line, _ in
            line.hasPrefix(Self.scroll) ? .json(#"{"points":[{"id":true,"payload":null,"vector":[null]}],"next_page_offset":null}"#) : nil
        }
        let sink = try await FolderSink()
        let (points, prints) = (
            try await PointsFile(creating: "\(sink.workFolder)/points", of: "books"),
            try await FingerprintsFile(creating: "\(sink.workFolder)/prints", of: "books")
        )
        let scan = CollectionScan(client: client(server), time: InstantTime(), say: { _ in })
        for failure in [
            await #expect(throws: Failure.self, performing: { try await scan.run("books") { try await points.take($0) } }),
            await #expect(throws: Failure.self, performing: { try await scan.run("books") { try await prints.take($0) } }),
        ] {
            #expect(failure?.kind == .engine)
            #expect(failure?.problem.hasPrefix("cannot read a point of collection 'books' on 'vectors'") == true)
        }
    }

    /// Whatever page is cut off in its middle, the scan goes on where it was, and reads nothing twice.
    @Test(arguments: 0..<6) func aScanWhoseConnectionIsCutGoesOnWhereItWas(_ cut: Int) async throws {
        // More often than the client asks again by itself.
        let left = Mutex(5)
        let server = try WireServer { request in
            let offset = request.text.firstMatch(of: /"offset":([0-9]+)/).flatMap { Int($0.1) } ?? 0
            guard offset == cut * 2 else { return Self.page(offset, 2, more: offset < 10) }
            let isCut = left.withLock { left in
                left -= 1
                return left >= 0
            }
            guard isCut else { return Self.page(offset, 2, more: offset < 10) }
            return .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"result\":{\"points\":[{\"id\":\(offset),".utf8))
        }
        let ids = Mutex<[PointID]>([])
        let said = Said()
        try await CollectionScan(client: server.client(), time: InstantTime(), say: { said($0) }).run("books") { page in
            let found = try page.ranges.indices.map { try page.point($0).id }
            ids.withLock { $0 += found }
        }
        #expect(ids.withLock { $0 } == (0..<12).map { PointID.number($0) })
        #expect(left.withLock { $0 } < 0)
        #expect(said.lines.contains { $0.hasSuffix("; trying again") }, "\(said.lines)")
    }

    @Test(.requires(TestQdrant.missingProgram)) func aScanGoesOnWhenItsServerWasStartedAgain() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 300)
        let ids = Mutex<[PointID]>([])
        let pages = Mutex(0)
        try await CollectionScan(client: qdrant.target.client, time: RealTime(), say: { _ in }).run("books") { page in
            let found = try page.ranges.indices.map { try page.point($0).id }
            ids.withLock { $0 += found }
            let isFirst = pages.withLock { pages in
                pages += 1
                return pages == 1
            }
            guard isFirst else { return }
            try await server.kill()
            try await server.start()
        }
        #expect(pages.withLock { $0 } > 2)
        let all = ids.withLock { $0 }
        #expect(all.count == 300)
        #expect(Set(all).count == 300)
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
        #expect(choice.missing.map(\.because) == ["there is no collection 'bc', and the policy names it (did you mean 'bb'?)"])
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
