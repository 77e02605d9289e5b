import Synchronization
import TestSupport
import Testing

@testable import Recovery

/// A run that takes longer than anybody thought does not lose its backup.
@Suite(.timeLimit(.minutes(1))) struct HeldBackupsTests {
    private let memory = MemoryWorld()
    private let time: HandTime

    init() { time = HandTime(now: memory.time.now) }

    private var world: World {
        var world = memory.world
        world.time = time
        return world
    }

    /// Prune wants to remove the older of two backups, which a run is at work with.
    private func hold(lasting seconds: Double = 24 * 3600) async throws -> HeldBackups {
        let old = try await memory.putBackup(ageSeconds: 100_000)
        _ = try await memory.putBackup(ageSeconds: 50_000)
        let catalog = Catalog(store: memory.store, digests: memory.digests, inventories: PlainInventories())
        let backup = try await catalog.hand(old, role: "dump", chosen: "by the test")
        let stores = BackupStores(
            [memory.store], byPolicy: ["nightly": memory.store.name], alerts: [:], digests: memory.digests, inventories: PlainInventories())
        return try await HeldBackups.hold(
            [backup], in: stores, for: RunID(rawValue: "slow-run"), until: time.now.advanced(bySeconds: seconds), world)
    }

    private func prune() async throws -> PruneReport.Row? {
        try await Pruner(store: memory.store, digests: memory.digests, time: time, host: "test")
            .prune(.policy("nightly", KeepRules(last: 1))).rows.last
    }

    @Test func theyAreHeldForAsLongAsTheRunLives() async throws {
        let held = try await hold()
        let gate = TestGate()
        let run = Task { try await held.keeping(time, say: { _ in }) { try await gate.pass() } }
        for quarter in 1...12 {
            try await eventually { time.sleepers == 1 }
            time.pass(.seconds(6 * 3600))
            try await eventually { time.sleepers == 1 }
            #expect(try await prune()?.action == .kept, "after \(quarter * 6) hours")
            #expect(memory.store.keys.count { $0.contains("-hold-") } == 1, "one hold is enough")
        }
        gate.open()
        try await run.value
        await held.release()
        #expect(!memory.store.keys.contains { $0.contains("-hold-") })
        #expect(try await prune()?.action == .marked)
    }

    @Test func oneThatLastsLongerAnywayIsNotMadeShorter() async throws {
        let held = try await hold(lasting: 7 * 24 * 3600)
        let gate = TestGate()
        let run = Task { try await held.keeping(time, say: { _ in }) { try await gate.pass() } }
        try await eventually { time.sleepers == 1 }
        time.pass(.seconds(6 * 3600))
        try await eventually { time.sleepers == 1 }
        gate.open()
        try await run.value
        time.pass(.seconds(6 * 24 * 3600))
        #expect(try await prune()?.action == .kept, "a run that was cut off can still be resumed")
    }

    @Test func aStoreThatIsAwayIsToldAndTriedAgain() async throws {
        let held = try await hold()
        let gate = TestGate()
        let said = Mutex<[String]>([])
        let run = Task { try await held.keeping(time, say: { words in said.withLock { $0.append(words) } }) { try await gate.pass() } }
        try await eventually { time.sleepers == 1 }
        memory.store.writes(while: { throw Failure(.storeUnavailable, "the disk is away") })
        time.pass(.seconds(6 * 3600))
        try await eventually { said.withLock { !$0.isEmpty } }
        #expect(said.withLock { $0[0] }.hasSuffix(" could not be held for longer: the disk is away"))
        memory.store.writes(while: {})
        for _ in 1...4 {
            try await eventually { time.sleepers == 1 }
            time.pass(.seconds(6 * 3600))
        }
        try await eventually { time.sleepers == 1 }
        #expect(try await prune()?.action == .kept)
        gate.open()
        try await run.value
    }
}
