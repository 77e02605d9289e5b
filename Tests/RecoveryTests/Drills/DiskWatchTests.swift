import Synchronization
import TestSupport
import Testing

@testable import Recovery

/// The disk of a drill's servers is looked at while a step runs.
@Suite(.timeLimit(.minutes(1))) struct DiskWatchTests {
    private static let gigabyte = Int64(1) << 30

    private func watch(_ uses: [DiskUse?], _ limits: DiskLimits) -> DiskWatch {
        let rest = Mutex(uses)
        return DiskWatch(limits: limits, time: HastyTime()) { rest.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? nil } }
    }

    private func untilCancelled() async throws -> Int {
        try await Task.sleep(for: .seconds(1_000_000))
        return 0
    }

    @Test func moreThanTheServersMayTakeEndsTheStep() async throws {
        let uses = [1, 2, 3].map { DiskUse(usedBytes: $0 * Self.gigabyte, freeBytes: 100 * Self.gigabyte) }
        let failure = await #expect(throws: Failure.self) {
            try await watch(uses, DiskLimits(most: 2 * Self.gigabyte)).during { try await untilCancelled() }
        }
        #expect(failure?.kind == .environmentUnavailable)
        #expect(failure?.problem == "the drill's servers took 3.0 GiB of disk, more than the 2.0 GiB they may")
    }

    @Test func aDiskThatOthersNeedIsNotFilled() async throws {
        let uses = [nil, DiskUse(usedBytes: 5, freeBytes: 2 * Self.gigabyte), DiskUse(usedBytes: 5, freeBytes: Self.gigabyte - 1)]
        let failure = await #expect(throws: Failure.self) { try await watch(uses, DiskLimits()).during { try await untilCancelled() } }
        #expect(failure?.problem == "the disk of the drill's servers ran full: 1023.9 MiB free, and 1.0 GiB have to stay free for others")
        #expect(failure?.hint?.contains("keep_free") == true)
    }

    @Test func aStepThatFailedForWantOfRoomSaysSo() async throws {
        let full = [DiskUse(usedBytes: 5, freeBytes: 0)]
        let watch = DiskWatch(limits: DiskLimits(), time: InstantTime()) { full[0] }
        let failure = await #expect(throws: Failure.self) {
            try await watch.during { throw Failure(.engine, "could not extend file") }
        }
        #expect(failure?.kind == .environmentUnavailable)
        #expect(failure?.causes == ["could not extend file"])
    }

    @Test func whatTheBackupIsToBlameForStaysSo() async throws {
        let full = [DiskUse(usedBytes: 5, freeBytes: 0)]
        let watch = DiskWatch(limits: DiskLimits(), time: InstantTime()) { full[0] }
        let failure = await #expect(throws: Failure.self) { try await watch.during { throw Failure(.damaged, "a byte differs") } }
        #expect(failure?.kind == .damaged)
    }

    @Test func withinTheLimitsNothingHappens() async throws {
        let use = DiskUse(usedBytes: Self.gigabyte, freeBytes: Self.gigabyte)
        let seen = Mutex(0)
        let watch = DiskWatch(limits: DiskLimits(most: Self.gigabyte), time: HastyTime()) {
            seen.withLock { $0 += 1 }
            return use
        }
        let result = try await watch.during {
            while seen.withLock({ $0 }) < 3 { await Task.yield() }
            return 7
        }
        #expect(result == 7)
    }
}

/// Whoever looks now and then looks all the time.
private struct HastyTime: TimeSource {
    let now = Timestamp(millisecondsSince1970: 1_795_000_000_000)
    let uptime = Duration.zero
    func sleep(for duration: Duration) async throws { try Task.checkCancellation() }
    func sleepBeside(for duration: Duration) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
