import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(2)))
struct SnapshotWatchTests {
    private func watch(_ servers: BooksServer..., time: any TimeSource = InstantTime(), said: Said = Said()) -> SnapshotWatch {
        SnapshotWatch(nodes: servers.map { $0.wire.client(time: time) }, time: time, say: { said($0) })
    }

    private static func root(_ version: String) -> WireServer.Answer {
        .status(200, body: Array(#"{"title":"qdrant","version":"\#(version)"}"#.utf8))
    }

    /// A server that has no metrics of snapshots, whatever it has made.
    private func silent(_ version: String, telemetry: WireServer.Answer) throws -> BooksServer {
        try BooksServer { line, _ in
            switch line {
            case "GET /": Self.root(version)
            case "GET /metrics": .text("app_info{name=\"qdrant\",version=\"\(version)\"} 1\ncollections_total 1\n")
            case _ where line.hasPrefix("GET /telemetry?details_level=3"): telemetry
            default: nil
            }
        }
    }

    @Test(arguments: [true, false]) func somebodyElsesWorkIsWaitedFor(_ creates: Bool) async throws {
        let server = try BooksServer { line, state in
            guard line == "GET /metrics" else { return nil }
            if creates { state.creating = state.asked < 4 ? 1 : 0 } else { state.recovering = state.asked < 4 ? 1 : 0 }
            return nil
        }
        let said = Said()
        try await watch(server, said: said).waitUntilIdle("books", before: "drop it")
        #expect(server.count("GET /metrics") == 4)
        let what = creates ? "a snapshot of collection 'books' is being made" : "collection 'books' is being recovered"
        #expect(said.lines == ["\(what); waiting for its end, since the two at once can destroy the collection"])
    }

    @Test func whatDoesNotEndIsGivenUp() async throws {
        let server = try BooksServer()
        server.with { $0.creating = 1 }
        let time = InstantTime()
        let watch = watch(server, time: time)
        let failure = try #require(await failureOf { try await watch.waitUntilIdle("books", before: "drop collection 'books'") })
        #expect(failure.kind == .lockHeld)
        #expect(
            failure.problem
                == "cannot drop collection 'books': a snapshot of collection 'books' is being made on 'vectors' (127.0.0.1:\(server.wire.port)), and has been for 30 minutes"
        )
        #expect(time.uptime > SnapshotWatch.patience)
    }

    @Test func workOnOtherCollectionsIsNobodysBusiness() async throws {
        let server = try BooksServer()
        server.with { $0.creating = 1 }
        try await watch(server).waitUntilIdle("other", before: "drop it")
        #expect(server.count("GET /metrics") == 1)
    }

    @Test func theSnapshotOfAnotherNodeIsWaitedForToo() async throws {
        let first = try BooksServer()
        let second = try BooksServer { line, state in
            if line == "GET /metrics" { state.creating = state.asked < 3 ? 1 : 0 }
            return nil
        }
        let said = Said()
        let watch = watch(first, second, said: said)
        let before = try await watch.waitUntilIdle("books", before: "drop it")
        #expect(second.count("GET /metrics") == 3)
        #expect(said.lines.count == 1)
        second.with { $0.created += 1 }
        #expect(try await watch.look().hasMade("books", since: before))
        #expect(try await !watch.look().hasMade("other", since: before))
    }

    @Test func aNodeThatDoesNotAnswerIsNamedAndTheFirstHasTo() async throws {
        let first = try BooksServer()
        let second = try BooksServer()
        let port = second.wire.port
        second.wire.stop()
        let said = Said()
        try await watch(first, second, said: said).waitUntilIdle("books", before: "drop it")
        #expect(
            said.lines == [
                "whether somebody makes a snapshot of collection 'books', or recovers it, cannot be told: 'vectors' (127.0.0.1:\(port)) does not answer (cannot ask which snapshots it is at work on on 'vectors' (127.0.0.1:\(port)))"
            ])
        let failure = await failureOf { try await watch(second, first).waitUntilIdle("books", before: "drop it") }
        #expect(failure?.kind == .unreachable)
    }

    @Test func aServerThatHasMadeNoneSaysSoByItsTelemetry() async throws {
        let server = try silent("1.18.3", telemetry: .json(#"{"collections":{"number_of_collections":1,"snapshots":[]}}"#))
        let said = Said()
        let look = try await watch(server, said: said).waitUntilIdle("books", before: "drop it")
        #expect(look.untold == [] && said.lines == [])
    }

    @Test func whatIsMadeUnderAnotherPrefixOfMetricsIsSeen() async throws {
        let server = try silent(
            "1.18.3",
            telemetry: .json(
                #"{"collections":{"snapshots":[{"id":"books","running_snapshots":1,"running_snapshot_recovery":0,"total_snapshot_creations":4}]}}"#
            ))
        let look = try await watch(server).look()
        #expect(look.isCreating("books") && !look.isRecovering("books"))
    }

    @Test(arguments: [
        (WireServer.Answer.json(#"{"collections":{"number_of_collections":1}}"#)), .text("Forbidden: x", status: 403), .text("<html>"),
    ])
    func silenceIsNoPeace(_ telemetry: WireServer.Answer) async throws {
        for (version, why) in [
            ("1.15.5", " is a Qdrant 1.15.5, and servers tell that since 1.16"),
            ("1.18.3", ", a Qdrant 1.18.3, says nothing of snapshots, neither in /metrics nor in /telemetry"),
        ] {
            let server = try silent(version, telemetry: telemetry)
            let said = Said()
            let watch = watch(server, said: said)
            let look = try await watch.waitUntilIdle("books", before: "drop it")
            let words = "'vectors' (127.0.0.1:\(server.wire.port))\(why)"
            #expect(look.untold == [words])
            #expect(said.lines == ["whether somebody makes a snapshot of collection 'books', or recovers it, cannot be told: \(words)"])
            #expect(try await !watch.look().hasMade("books", since: look))
        }
    }

    @Test func aServerThatCouldTellAndDoesNotIsAskedForNoSnapshot() async throws {
        for (version, isAsked) in [("1.15.5", true), ("1.16.3", true), ("1.17.0", false), ("1.18.3", false)] {
            let server = try silent(version, telemetry: .text("Forbidden: x", status: 403))
            let sink = try await FolderSink()
            let failure = await failureOf {
                _ = try await SnapshotCapture(client: server.wire.client(), time: InstantTime(), clock: SnapshotClock(), sink: sink)
                    .capture("books", to: "\(sink.workFolder)/x")
            }
            #expect((server.count(BooksServer.create) == 1) == isAsked, "\(version)")
            #expect(isAsked ? failure == nil : failure?.kind == .refused, "\(version): \(String(describing: failure))")
            #expect(isAsked || failure?.problem.hasPrefix("cannot make a snapshot of collection 'books': whether somebody") == true)
        }
    }

    // MARK: Counting

    @Test(arguments: [
        (before: 2, after: 2, false), (before: 2, after: 3, true), (before: 0, after: 1, true),
        // Started again meanwhile.
        (before: 5, after: 0, false), (before: 5, after: 1, true),
    ])
    func whatWasBegunMeanwhileIsCounted(_ before: Int, _ after: Int, _ hasMade: Bool) {
        let earlier = SnapshotActivity(created: before == 0 ? [:] : ["books": before])
        let now = SnapshotActivity(created: after == 0 ? [:] : ["books": after])
        #expect(now.hasMade("books", since: earlier) == hasMade)
        #expect(now.hasMade("books", since: SnapshotActivity(isTold: false)) == nil)
        #expect(SnapshotActivity(isTold: false).hasMade("books", since: earlier) == nil)
    }

    @Test(.requires(Recordings.missing()), arguments: Recordings.versions)
    func aRecordedServerThatHasMadeNoneIsUnderstood(_ version: String) async throws {
        let recorded = try Recordings.group("service", of: version).filter { $0.status == 200 }
        let metrics = try #require(recorded.first { $0.path == "/metrics" })
        let telemetry = try #require(recorded.first { $0.path == "/telemetry?details_level=3" })
        #expect(SnapshotActivity(metrics: metrics.text)?.isTold == false)
        let server = try WireServer { $0.target == "/metrics" ? metrics.answer : telemetry.answer }
        #expect(try await server.client().activity() == SnapshotActivity())
    }
}
