import Recovery
import TestSupport
import Testing

/// Several targets captured as one recovery point.
@Suite(.timeLimit(.minutes(1))) struct RecoverySetTests {
    /// Captures only once another one has begun too.
    private struct MeetingTarget: EngineTarget {
        let inner: MemoryTarget
        let meeting: Meeting
        let recoveryPoint: Timestamp

        var binding: TargetBinding { inner.binding }
        var reading: any ReadableTarget { inner.reading }
        func reading(afterSilence silence: Failure?) -> any ReadableTarget { inner.reading(afterSilence: silence) }
        func identity() async throws -> SourceIdentity { try await inner.identity() }
        func lockOnServer(_ mode: LockMode, as holder: String) async throws {}
        func close() async {}

        func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
            await meeting.arrive()
            var captured = try await inner.capture(object: object, options, into: sink)
            captured.recoveryPoint = recoveryPoint
            return captured
        }
    }

    /// Nobody leaves before all have come.
    private actor Meeting {
        private var missing: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(of count: Int) { missing = count }

        func arrive() async {
            missing -= 1
            guard missing > 0 else {
                for one in waiting { one.resume() }
                return
            }
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private let world = MemoryWorld()
    private let start = Timestamp(millisecondsSince1970: 1_795_000_000_000)

    private func take(_ points: [(name: String, after: Double)]) async throws -> BackupTaker.Taken {
        let meeting = Meeting(of: points.count)
        let members = points.map { name, after in
            let target = ConfiguredTarget(
                name: name, engine: MemoryEngine.engineName, stage: .staging,
                address: ServerAddress(host: name, port: 1, user: nil, password: nil))
            let server = MemoryServer(holding: ["app": [1, 2, 3]])
            return BackupTaker.Member(
                name: name,
                target: MeetingTarget(
                    inner: MemoryTarget(binding: .configured(role: name, target), server: server), meeting: meeting,
                    recoveryPoint: start.advanced(bySeconds: after)),
                engine: MemoryEngine(world.provider), object: "app")
        }
        return try await BackupTaker(
            store: world.store, digests: world.digests, inventories: PlainInventories(), time: world.time, host: world.world.host,
            say: { _ in }
        ).take(members, into: "nightly")
    }

    /// One after the other they would wait for each other for ever.
    @Test func capturesGoOnSideBySide() async throws {
        let taken = try await take([("app-db", 0), ("graph", 0), ("points", 0)])
        #expect(taken.manifests.map(\.id.target) == ["app-db", "graph", "points"])
        #expect(taken.isComplete)
    }

    @Test func theOldestPointCountsAndTheSpreadIsTold() async throws {
        let taken = try await take([("app-db", 7.25), ("points", 2), ("graph", 4)])
        #expect(
            taken.recovery
                == RecoverySet(
                    id: "nightly/\(taken.set)", targets: ["app-db", "graph", "points"], recoveryPoint: start.advanced(bySeconds: 2),
                    spreadSeconds: 5.25, complete: true))
        let catalog = Catalog(store: world.store, digests: world.digests, inventories: PlainInventories())
        let end = try #require(try await catalog.end(of: "nightly", taken.set))
        #expect(RecoverySet(end) == taken.recovery, "set.json says the same")
    }

    @Test func aDrillTellsOfTheSetThatItRestores() async throws {
        let taken = try await take([("app-db", 7.25), ("points", 2)])
        let drill = """
            drill: monthly
            environment:
              db: {engine: memory}
              vectors: {engine: memory}
            runs:
              - runbook: runbook.yaml
                targets: {db: db}
                backups: {dump: {policy: nightly, target: app-db}}
              - runbook: runbook.yaml
                targets: {db: vectors}
                backups: {dump: {policy: nightly, target: points}}
            """
        let result = try await world.conductor(world.drill(runbook: MemoryWorld.runbook, drill: drill)).conduct().result
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(result.sets == [taken.recovery])
        let reference = result.objectives.referenceTime
        #expect(result.objectives.rpoSeconds == reference.seconds(since: taken.recovery.recoveryPoint), "the oldest of its members'")
    }

    @Test func oneTargetAloneIsNoSetWorthALine() async throws {
        _ = try await world.putBackup()
        let result = try await world.conductor(world.drill(runbook: MemoryWorld.runbook)).conduct().result
        #expect(result.sets == [])
    }
}
