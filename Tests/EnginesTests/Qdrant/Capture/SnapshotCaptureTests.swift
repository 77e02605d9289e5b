import Bindings
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(2)))
struct SnapshotCaptureTests {
    private typealias Books = BooksServer

    private func capture(
        _ server: BooksServer, time: any TimeSource = InstantTime(), clock: SnapshotClock = SnapshotClock(), sink given: FolderSink? = nil,
        check: (SnapshotCapture.Captured) async throws -> Void = { _ in }
    ) async throws {
        let sink = if let given { given } else { try await FolderSink() }
        let capture = SnapshotCapture(client: server.wire.client(time: time), time: time, clock: clock, sink: sink)
        try await check(try await capture.capture("books", to: "\(sink.workFolder)/file"))
    }

    @Test func aSnapshotIsMadeFetchedProvenAndTakenAway() async throws {
        let server = try BooksServer()
        let sink = try await FolderSink()
        try await capture(server, sink: sink) { made in
            let bytes = Array("a snapshot".utf8)
            let file = try await read(made.path)
            #expect(file == bytes)
            #expect(made.bytes == 10 && made.sha256 == SHA256.hexDigest(of: bytes))
            #expect(made.name == "books-1-2026-11-21-08-00-01.snapshot")
        }
        #expect(server.files == [])
        #expect(try await sink.notes() == [])
        #expect(
            server.lines == [
                "GET /metrics", "GET /collections/books/snapshots", "GET /healthz", "POST /collections/books/snapshots?wait=true",
                "GET /collections/books/snapshots/books-1-2026-11-21-08-00-01.snapshot", "GET /metrics", "GET /collections/books/snapshots",
                "DELETE /collections/books/snapshots/books-1-2026-11-21-08-00-01.snapshot?wait=true",
            ])
    }

    @Test func aSnapshotWithoutChecksumIsTakenByItsSize() async throws {
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.create) { state.checksums["books-1-2026-11-21-08-00-01.snapshot"] = "" }
            return nil
        }
        try await capture(server)
        #expect(server.files == [])
    }

    // MARK: The answer got lost

    @Test(arguments: [WireServer.Answer.nothing, .error(408, "Timeout: x"), .text("<title>504 Gateway Time-out</title>", status: 504)])
    func aSnapshotWhoseAnswerGotLostIsTakenAllTheSame(_ answer: WireServer.Answer) async throws {
        let looks = Mutex(0)
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.create) {
                state.creating = 1
                return answer
            }
            // It is ready when somebody has looked three times.
            guard line == "GET /metrics", state.creating == 1,
                looks.withLock({
                    $0 += 1
                    return $0
                }) > 3
            else { return nil }
            state.creating = 0
            _ = state.make()
            return nil
        }
        let sink = try await FolderSink()
        try await capture(server, sink: sink) { made in #expect(made.name == "books-1-2026-11-21-08-00-01.snapshot") }
        #expect(server.count(Books.create) == 1, "nobody asks again")
        #expect(server.files == [])
        #expect(sink.lines.contains("the server's answer got lost; looking whether it made the snapshot"))
    }

    /// A capture that is killed now leaves its note to `sweep`, which deletes what that names.
    @Test func whatSomebodyElseMayHaveMadeIsNotNotedAsOurs() async throws {
        let sink = try await FolderSink()
        let noted = Mutex<[SnapshotNote]>([])
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.create) {
                // Two were made since, and one is left: nobody can tell whose.
                state.created += 1
                _ = state.make()
                return .nothing
            }
            if line.hasPrefix(Books.download) { noted.withLock { $0 += sink.notesNow() } }
            return nil
        }
        try await capture(server, sink: sink) { made in #expect(made.name == "books-1-2026-11-21-08-00-02.snapshot") }
        let notes = noted.withLock { $0 }
        #expect(notes.count == 1 && notes.allSatisfy { $0.name == nil }, "\(notes)")
        #expect(server.files == ["books-1-2026-11-21-08-00-02.snapshot"], "it stays")
    }

    @Test(arguments: [WireServer.Answer.nothing, .text("", status: 504)])
    func aSnapshotThatWasNeverMadeIsAFailureSoon(_ answer: WireServer.Answer) async throws {
        let time = InstantTime()
        let server = try BooksServer { line, _ in line.hasPrefix(Books.create) ? answer : nil }
        let failure = try #require(await failureOf { try await capture(server, time: time) })
        #expect(failure.kind == .unreachable)
        #expect(failure.problem.hasPrefix("cannot make a snapshot of collection 'books' on 'vectors'"))
        #expect(server.count(Books.create) == 1)
        #expect(time.uptime < .seconds(60))
    }

    @Test func aServerThatDiedIsNotWaitedForLong() async throws {
        let time = InstantTime()
        let isDead = Mutex(false)
        let server = try BooksServer { line, _ in
            isDead.withLock { dead in
                dead = dead || line.hasPrefix(Books.create)
                return dead ? .nothing : nil
            }
        }
        let failure = try #require(await failureOf { try await capture(server, time: time) })
        #expect(failure.kind == .unreachable)
        #expect(time.uptime > .seconds(290) && time.uptime < .seconds(400))
        #expect(server.count(Books.create) == 1)
    }

    @Test func aRefusedSnapshotIsAFailureAndWhatItLeftIsTakenAway() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.create) else { return nil }
            _ = state.make()
            return .error(500, "Service internal error: failed to create snapshot: No space left on device")
        }
        let failure = try #require(await failureOf { try await capture(server) })
        #expect(failure.kind == .engine)
        #expect(failure.hint == "the server's disk is full: make room there")
        #expect(server.files == [])
    }

    @Test func whatCannotBeToldFromSomebodyElsesIsLeftThere() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.create) else { return nil }
            _ = (state.make(), state.make())
            return .error(500, "Service internal error: x")
        }
        #expect(await failureOf { try await capture(server) }?.kind == .engine)
        #expect(server.files.count == 2)
        #expect(server.count(Books.delete) == 0)
    }

    @Test func somebodyElsesOfTheSameNameIsLeftThere() async throws {
        let server = try BooksServer()
        server.with { state in
            let name = state.make()
            state.created = 0
            state.files[name] = Array("somebody's".utf8)
        }
        let sink = try await FolderSink()
        try await capture(server, sink: sink)
        #expect(server.files == ["books-1-2026-11-21-08-00-01.snapshot"])
        #expect(sink.lines.last?.contains("somebody else made one of that name in the same second") == true)
    }

    /// Two that are asked for in one second are one file in the end, and it is that of whoever came last.
    @Test func whatHasItsNameByNowAndIsAnotherOneIsLeftThere() async throws {
        let name = "books-1-2026-11-21-08-00-01.snapshot"
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.download) else { return nil }
            let ours = state.files[name] ?? []
            state.files[name] = Array("somebody's".utf8)
            return .status(200, body: ours)
        }
        let sink = try await FolderSink()
        try await capture(server, sink: sink) { made in #expect(made.name == name) }
        #expect(server.files == [name] && server.count(Books.delete) == 0)
        #expect(sink.lines.last?.hasSuffix("another one has that name by now, which somebody else made in the same second") == true)
        #expect(try await sink.notes() == [], "nothing for `sweep`")
    }

    @Test func whatTwoWereToldToBeTheirsIsLeftThere() async throws {
        let server = try BooksServer { line, state in
            // Somebody asks a moment later, and is told the same name, of the same bytes.
            if line.hasPrefix(Books.download) { state.created += 1 }
            return nil
        }
        let sink = try await FolderSink()
        try await capture(server, sink: sink)
        #expect(server.files == ["books-1-2026-11-21-08-00-01.snapshot"] && server.count(Books.delete) == 0)
        #expect(sink.lines.last?.contains("somebody else made one meanwhile, and it may be the same file") == true)
        #expect(try await sink.notes().count == 1, "for `sweep`")
    }

    @Test func somebodyElsesOfAnotherNameIsNoReasonToLeaveOursThere() async throws {
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.download) { _ = state.make(Array("somebody's".utf8)) }
            return nil
        }
        try await capture(server)
        #expect(server.files == ["books-1-2026-11-21-08-00-02.snapshot"])
    }

    @Test func whatCannotBeLookedAtOnceMoreIsLeftToSweep() async throws {
        let server = try BooksServer { line, state in
            state.created > 0 && line == "GET /metrics" ? .text("Invalid API key or JWT", status: 401) : nil
        }
        let sink = try await FolderSink()
        try await capture(server, sink: sink)
        #expect(server.count(Books.delete) == 0)
        #expect(sink.lines.last?.contains("is still on the server, where it takes room") == true)
        #expect(try await sink.notes().count == 1)
    }

    // MARK: The download

    @Test func aDownloadThatBrokeOffIsDoneAgain() async throws {
        let broken = Mutex(2)
        let server = try BooksServer { line, _ in
            guard line.hasPrefix(Books.download),
                broken.withLock({
                    $0 -= 1
                    return $0
                }) >= 0
            else { return nil }
            return .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\na sn".utf8))
        }
        try await capture(server) { made in
            let file = try await read(made.path)
            #expect(file == Array("a snapshot".utf8))
        }
        #expect(server.count(Books.download) == 3)
        #expect(server.files == [])
    }

    @Test func aDownloadThatAlwaysBreaksOffIsAFailureAndLeavesNothing() async throws {
        let server = try BooksServer { line, _ in
            line.hasPrefix(Books.download) ? .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\na sn".utf8)) : nil
        }
        let failure = try #require(await failureOf { try await capture(server) })
        #expect(failure.kind == .unreachable)
        #expect(failure.problem.hasPrefix("cannot download snapshot 'books-1-2026-11-21-08-00-01.snapshot' of collection 'books'"))
        #expect(server.count(Books.download) == 3)
        #expect(server.files == [])
    }

    @Test func anotherSizeIsAFailure() async throws {
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.create) { state.sizes["books-1-2026-11-21-08-00-01.snapshot"] = 11 }
            return nil
        }
        let failure = try #require(await failureOf { try await capture(server) })
        #expect(failure.kind == .engine)
        #expect(failure.problem == "the snapshot of collection 'books' came with 10 bytes, and the server says it has 11")
        #expect(server.files == [])
    }

    @Test func anotherChecksumIsAFailure() async throws {
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.create) { state.checksums["books-1-2026-11-21-08-00-01.snapshot"] = "AB" }
            return nil
        }
        let failure = try #require(await failureOf { try await capture(server) })
        #expect(failure.kind == .engine)
        #expect(failure.problem.hasSuffix(", and the server says ab"))
        #expect(server.files == [])
    }

    @Test func anotherNodeThatAnswersTheDownloadIsNamed() async throws {
        let server = try BooksServer { line, _ in
            line.hasPrefix(Books.download) ? .text("Not found: Snapshot x not found", status: 404) : nil
        }
        let failure = try #require(await failureOf { try await capture(server) })
        #expect(failure.kind == .notFound)
        #expect(failure.hint?.contains("load balancer") == true)
    }

    @Test func aDiskThatCannotBeWrittenIsNoMatterOfTheServer() async throws {
        let server = try BooksServer()
        let capture = SnapshotCapture(
            client: server.wire.client(), time: InstantTime(), clock: SnapshotClock(), sink: try await FolderSink())
        let failure = try #require(await failureOf { _ = try await capture.capture("books", to: "/nonexistent/file") })
        #expect(failure.kind == .localStorage)
        #expect(server.files == [])
    }

    @Test func whatCannotBeDeletedIsSaid() async throws {
        let server = try BooksServer { line, _ in line.hasPrefix(Books.delete) ? .text("Invalid API key or JWT", status: 401) : nil }
        let sink = try await FolderSink()
        try await capture(server, sink: sink)
        #expect(
            sink.lines.last?.hasPrefix("snapshot 'books-1-2026-11-21-08-00-01.snapshot' is still on the server, where it takes room")
                == true)
        #expect(try await sink.notes().count == 1, "for `sweep`")
    }

    // MARK: Cancelled

    @Test func whatWasMadeIsTakenAwayWhenTheDownloadIsCancelled() async throws {
        let server = try BooksServer { line, _ in line.hasPrefix(Books.download) ? .silence : nil }
        let task = Task { try await capture(server) }
        try await eventually { server.count(Books.download) == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.files == [])
    }

    @Test func aServerThatGoesOnAfterACancellationIsNamed() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.create) else { return nil }
            state.creating = 1
            return .silence
        }
        let sink = try await FolderSink()
        let task = Task { try await capture(server, sink: sink) }
        try await eventually { server.count(Books.create) == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(sink.lines.last?.contains("goes on making a snapshot of 'books', which stays there") == true)
        #expect(server.count(Books.delete) == 0)
        #expect(try await sink.notes().count == 1, "for `sweep`")
    }

    // MARK: Never two in one second

    @Test(arguments: [false, true]) func twoSnapshotsAreMoreThanASecondApart(_ firstFails: Bool) async throws {
        let time = InstantTime()
        let moments = Mutex<[Duration]>([])
        let server = try BooksServer { line, _ in
            guard line.hasPrefix(Books.create) else { return nil }
            let count = moments.withLock { moments in
                moments.append(time.uptime)
                return moments.count
            }
            return firstFails && count == 1 ? .error(500, "Service internal error: x") : nil
        }
        let clock = SnapshotClock()
        for _ in 0..<3 { _ = await failureOf { try await capture(server, time: time, clock: clock) } }
        let made = moments.withLock { $0 }
        #expect(made.count == 3)
        #expect(zip(made, made.dropFirst()).allSatisfy { $1 - $0 > .seconds(1) }, "\(made)")
    }

    @Test func theTwoWaysThatTimeCanPassAreTheSameToTheClock() async throws {
        let time = HandTime(now: Timestamp(millisecondsSince1970: 1_795_000_000_000))
        let clock = SnapshotClock()
        try await clock.waitForNextSecond(time)
        clock.made(time)
        let waiting = Task { try await clock.waitForNextSecond(time) }
        try await eventually { time.sleepers == 1 }
        time.pass(.milliseconds(1000))
        #expect(time.sleepers == 1)
        time.pass(.milliseconds(100))
        try await waiting.value
        try await clock.waitForNextSecond(time)
    }
}
