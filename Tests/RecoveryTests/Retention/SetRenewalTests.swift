import Recovery
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SetRenewalTests {
    private let store = MemoryStore(name: "main")
    private let time = HandTime(now: .at("2026-12-01"))
    private let rules = Pruner.Subject.policy("nightly", KeepRules(last: 1))

    private var pruner: Pruner { Pruner(store: store, digests: TestDigests(), time: time, host: "test") }

    private func taker(say: @escaping @Sendable (String) -> Void = { _ in }) -> BackupTaker {
        BackupTaker(
            store: store, digests: TestDigests(), inventories: PlainInventories(), time: time, host: MemoryWorld().world.host, say: say)
    }

    private func member(_ gate: TestGate) -> BackupTaker.Member {
        let address = ServerAddress(host: "memory", port: 0, user: nil, password: nil, database: nil, options: [:])
        let binding = TargetBinding.configured(
            role: "db", ConfiguredTarget(name: "app-db", engine: MemoryEngine.engineName, stage: .staging, address: address))
        let target = MemoryTarget(binding: binding, server: MemoryServer(holding: ["app": [1, 2, 3]]))
        return BackupTaker.Member(
            name: "app-db", target: SlowTarget(target: target, gate: gate), engine: MemoryEngine(MemoryProvider()), object: "app")
    }

    @Test func aBackupThatTakesDaysStaysUntouchable() async throws {
        let gate = TestGate()
        let backup = Task { try await taker().take([member(gate)], into: "nightly") }
        try await eventually { gate.isReached }
        try await WrittenSet(.at("2026-11-01")).write(to: store)
        for quarter in 1...20 {
            try await eventually { time.sleepers == 1 }
            time.pass(.seconds(6 * 3600))
            try await eventually { store.keys.count { $0.contains("-renewal-") } == quarter }
            let rows = try await pruner.prune(rules).rows
            let row = try #require(rows.first { $0.set.hasPrefix("20261201") })
            #expect(row.action == .kept, "after \(quarter * 6) hours")
            #expect(row.keptBecause.count == 1 && row.keptBecause[0].hasPrefix("being written, until "), "\(row.keptBecause)")
        }
        gate.open()
        let taken = try await backup.value
        #expect(taken.isComplete)
        let catalog = Catalog(store: store, digests: TestDigests(), inventories: PlainInventories())
        #expect(try await catalog.reasonNotUsable(#require(taken.manifests.first).id) == nil)
        #expect(
            try await pruner.prune(rules).rows.map(\.keptBecause).first == ["newest", "the last one"],
            "what is finished is in no one's hands")
    }

    @Test func itGoesADayAfterItsWriterWasLastHeardOf() async throws {
        let dead = WrittenSet(.at("2026-11-01"))
        try await WrittenSet(.at("2026-11-30")).write(to: store)
        try await dead.write(to: store, untilEnd: false)
        let renewal = Note(
            kind: .renewal, writtenAt: .at("2026-12-01"), host: "writer", run: nil, expires: .at("2026-12-02"), text: "still being written")
        try await SetNotes(store: store, digests: TestDigests()).write(renewal, on: dead.policy, dead.set)
        #expect(try await pruner.prune(rules).rows.last?.keptBecause == ["being written, until 2026-12-02T02:00:00.000Z at the latest"])
        time.pass(.seconds(25 * 3600))
        #expect(try await pruner.prune(rules).rows.last?.action == .marked)
        time.pass(.seconds(3601))
        #expect(try await pruner.prune(rules).rows.last?.action == .removed)
        #expect(!store.keys.contains { $0.hasPrefix(dead.path) })
    }

    /// One without an end, that a prune has marked for deletion and the next one removes.
    private func setThatIsAboutToGo() async throws -> WrittenSet {
        let slow = WrittenSet(.at("2026-11-01"))
        try await WrittenSet(.at("2026-11-30")).write(to: store)
        try await slow.write(to: store, untilEnd: false)
        #expect(try await pruner.prune(rules).rows.last?.action == .marked)
        time.pass(.seconds(3601))
        return slow
    }

    /// A writer that was thought dead is heard of at any moment of the removal: all of its set is there still, or nothing that looks whole.
    @Test func aRenewalThatComesLateStopsTheRemovalOrFindsNothing() async throws {
        var refusals = 0
        for n in 1... {
            let fresh = SetRenewalTests()
            let slow = try await fresh.setThatIsAboutToGo()
            let before = fresh.store.keys.filter { $0.hasPrefix(slow.path) }
            let store = InterleavingStore(fresh.store, before: n) {
                let renewal = Note(
                    kind: .renewal, writtenAt: fresh.time.now, host: "writer", run: nil,
                    expires: fresh.time.now.advanced(bySeconds: 86_400), text: "still being written")
                try await SetNotes(store: fresh.store, digests: TestDigests()).write(renewal, on: slow.policy, slow.set)
            }
            let pruner = Pruner(store: store, digests: TestDigests(), time: fresh.time, host: "test")
            let row = try #require(try await pruner.prune(rules).rows.last)
            if row.action == .removed {
                #expect(!fresh.store.keys.contains { $0.hasSuffix("/manifest.json") && $0.hasPrefix(slow.path) }, "before call \(n)")
            } else {
                #expect(Set(before).isSubset(of: fresh.store.keys), "before call \(n)")
                refusals += row.goesBecause?.hasSuffix("\(slow.path) is still being written, on host writer") == true ? 1 : 0
            }
            guard store.hasActed else { break }
        }
        #expect(refusals > 0)
    }

    @Test func aSetThatIsFinishedAfterAllIsNotRemoved() async throws {
        var refusals = 0
        for n in 1... {
            let fresh = SetRenewalTests()
            let slow = try await fresh.setThatIsAboutToGo()
            let end = SetEnd(
                policy: slow.policy, set: slow.set, members: [], recoveryPoint: slow.point, spreadSeconds: 0, complete: false,
                finishedAt: fresh.time.now)
            let store = InterleavingStore(fresh.store, before: n) {
                try await fresh.store.create("\(slow.path)/set.json", CanonicalJSON.encode(end))
            }
            let pruner = Pruner(store: store, digests: TestDigests(), time: fresh.time, host: "test")
            let row = try #require(try await pruner.prune(rules).rows.last)
            refusals += row.goesBecause?.hasSuffix("\(slow.path) was finished meanwhile") == true ? 1 : 0
            guard store.hasActed else { break }
        }
        #expect(refusals > 0)
    }

    @Test func whatCannotBeRenewedIsToldAndTriedAgain() async throws {
        let gate = TestGate()
        let said = Mutex<[String]>([])
        let backup = Task { try await taker(say: { words in said.withLock { $0.append(words) } }).take([member(gate)], into: "nightly") }
        try await eventually { gate.isReached }
        store.writes(while: { throw Failure(.storeUnavailable, "the disk is away") })
        try await eventually { time.sleepers == 1 }
        time.pass(.seconds(6 * 3600))
        try await eventually { said.withLock { !$0.isEmpty } }
        #expect(said.withLock { $0[0] }.hasSuffix(" could not be marked as still being written: the disk is away"))
        store.writes(while: {})
        try await eventually { time.sleepers == 1 }
        time.pass(.seconds(6 * 3600))
        try await eventually { store.keys.contains { $0.contains("-renewal-") } }
        gate.open()
        #expect(try await backup.value.isComplete)
    }
}

private struct SlowTarget: EngineTarget {
    let target: MemoryTarget
    let gate: TestGate

    var binding: TargetBinding { target.binding }
    var reading: any ReadableTarget { target.reading }
    func reading(afterSilence silence: Failure?) -> any ReadableTarget { target.reading(afterSilence: silence) }

    func identity() async throws -> SourceIdentity { try await target.identity() }
    func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        try await gate.pass()
        return try await target.capture(object: object, options, into: sink)
    }
    func lockOnServer(_ mode: LockMode, as holder: String) async throws {}
    func close() async { await target.close() }
}
