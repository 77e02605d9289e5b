import Recovery
import Synchronization
import TestSupport
import Testing

/// One journal that several runs write to at once.
@Suite(.timeLimit(.minutes(1))) struct JournalTests {
    private static func notice(_ text: String) -> JournalEvent { .notice(Notice(text: text, isTrouble: false)) }

    @Test func linesReachTheDiskInTheOrderOfTheirNumbersWhoeverWritesThem() async throws {
        let folder = SlowFolder()
        let journal = Journal(folder, time: InstantTime(), boot: "boot")
        await withTaskGroup { group in
            for writer in 1...8 {
                group.addTask {
                    for number in 1...20 {
                        try? await journal.record(Self.notice("\(writer).\(number)"))
                        #expect(folder.written.contains { $0.event == Self.notice("\(writer).\(number)") }, "on disk when it returns")
                    }
                }
            }
        }
        #expect(folder.written.map(\.seq) == Array(1...160))
        #expect(folder.mostAtOnce == 1)
        #expect(await journal.events == folder.written)
        for writer in 1...8 {
            let own = folder.written.compactMap { line -> String? in
                guard case .notice(let notice) = line.event, notice.text.hasPrefix("\(writer).") else { return nil }
                return notice.text
            }
            #expect(own == (1...20).map { "\(writer).\($0)" })
        }
    }

    @Test func afterALineThatCouldNotBeWrittenNobodyWritesAnyMore() async throws {
        let folder = SlowFolder(fullAt: 5)
        let journal = Journal(folder, time: InstantTime(), boot: "boot")
        let failures = await withTaskGroup(of: Failure.Kind?.self) { group in
            for writer in 1...10 {
                group.addTask {
                    do { try await journal.record(Self.notice("\(writer)")) } catch { return (error as? Failure)?.kind }
                    return nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures.count { $0 == nil } == 4)
        #expect(failures.count { $0 == .journal } == 6)
        #expect(folder.written.map(\.seq) == [1, 2, 3, 4])
        #expect(await journal.failure?.kind == .journal)
    }

    @Test func whatACancelledStepHasDoneIsWrittenDown() async throws {
        let folder = SlowFolder()
        let journal = Journal(folder, time: InstantTime(), boot: "boot")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await journal.record(Self.notice("done"))
        }
        task.cancel()
        try await task.value
        #expect(folder.written.map(\.event) == [Self.notice("done")])
    }
}

/// Takes its time for every line, for the first ones the longest.
private final class SlowFolder: RunFolder {
    private let state = Mutex<(written: [JournalLine], busy: Int, most: Int)>(([], 0, 0))
    private let fullAt: Int?

    init(fullAt: Int? = nil) { self.fullAt = fullAt }

    let path = "/run"
    var written: [JournalLine] { state.withLock { $0.written } }
    var mostAtOnce: Int { state.withLock { $0.most } }

    func append(_ bytes: [UInt8]) async throws {
        let line = try CanonicalJSON.decode(JournalLine.self, from: bytes)
        state.withLock { state in
            state.busy += 1
            state.most = max(state.most, state.busy)
        }
        for _ in 0..<(200 / line.seq) { await Task.yield() }
        let isFull = state.withLock { state in
            state.busy -= 1
            guard line.seq != fullAt else { return true }
            state.written.append(line)
            return false
        }
        if isFull { throw Failure(.journal, "no room is left on the disk") }
        try Task.checkCancellation()
    }

    func read() async throws -> [UInt8] { [] }
    func truncate(to bytes: Int64) async throws {}
    func write(_ name: String, _ bytes: [UInt8]) async throws {}
    func scratch() async throws -> String { path }
    func removeScratch() async throws {}
    func close() async {}
    func discard() async {}
}
