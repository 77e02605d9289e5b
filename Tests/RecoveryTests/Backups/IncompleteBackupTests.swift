import Recovery
import TestSupport
import Testing

/// A backup in which one object failed is good for the others, by their names, and for no more.
@Suite(.timeLimit(.minutes(1))) struct IncompleteBackupTests {
    private static let missing = FailedObject(kind: "database", name: "sales", because: "it could not be read")

    /// A world whose newest backup lacks what it was to hold.
    private func world(lacking failed: [FailedObject]?, problem: String = "database 'sales': it could not be read") async throws -> (
        MemoryWorld, BackupID
    ) {
        let world = try await MemoryWorld.real()
        let id = try await world.putBackup(ageSeconds: 60, source: MemoryWorld.productionSource)
        try breakUp(id, in: world, failed, problem)
        return (world, id)
    }

    /// What was whole lacks an object, as if it had been captured so.
    private func breakUp(
        _ id: BackupID, in world: MemoryWorld, _ failed: [FailedObject]?, _ problem: String = "database 'sales': it could not be read"
    ) throws {
        let key = "\(id)/\(ManifestFile.name)"
        var manifest = try ManifestFile.read(try #require(world.store[key]), key: key, world.digests).manifest
        (manifest.complete, manifest.problems, manifest.failed) = (false, [problem], failed)
        let sealed = try ManifestFile.bytes(of: manifest, world.digests)
        world.store[key] = sealed.bytes
        let end = "\(id.setPath)/\(SetFile.name)"
        let before = try SetFile.read(try #require(world.store[end]), of: id.policy, id.set, world.digests)
        let members = before.members.map { member in
            member.target != id.target
                ? member
                : SetEnd.Member(
                    target: id.target, engine: manifest.engine, manifestSHA256: sealed.sha256, bytes: manifest.storedBytes, complete: false)
        }
        world.store[end] = try SetFile.bytes(
            of: SetEnd(
                policy: id.policy, set: id.set, members: members, recoveryPoint: before.recoveryPoint, spreadSeconds: 0, complete: false,
                finishedAt: before.finishedAt), world.digests)
    }

    private func hand(_ id: BackupID, in world: MemoryWorld) async throws -> BackupInHand {
        try await Catalog(store: world.store, digests: world.digests, inventories: PlainInventories()).hand(
            id, role: "dump", chosen: "named")
    }

    private func request(_ id: BackupID, in world: MemoryWorld, _ runbook: String = MemoryWorld.realRunbook) throws -> RunRequest {
        var request = try world.request(runbook)
        request.backups = ["dump": "\(id)"]
        return request
    }

    @Test func whatItHoldsIsProvenAndRestored() async throws {
        let (world, id) = try await world(lacking: [Self.missing])
        let ended = try await world.run(request(id, in: world)).conduct { _ in }
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.production.databases == ["app": [1, 2, 3]])
        let notes = ended.result.parts.flatMap(\.steps).flatMap(\.notes)
        #expect(
            notes.contains("backup \(id) is incomplete: database 'sales': it could not be read; only what it holds is proven"), "\(notes)")
    }

    @Test func whatItLacksIsRefusedWithTheReasonBeforeAnythingIsStopped() async throws {
        let (world, id) = try await world(lacking: [FailedObject(kind: "database", name: "app", because: "it was locked")])
        let failure = await #expect(throws: Failure.self) { try await world.run(request(id, in: world)).conduct { _ in } }
        #expect(failure?.kind == .unfit)
        #expect(failure?.problem == "backup \(id) does not hold database 'app': it could not be captured: it was locked")
        #expect(world.production.acts == [])
        #expect(world.apps.acts == [])
    }

    /// Nobody can tell what of it is whole.
    @Test func oneThatIsAllOfAPieceIsRefused() async throws {
        let (world, id) = try await world(lacking: nil)
        let failure = await #expect(throws: Failure.self) { try await world.run(request(id, in: world)).conduct { _ in } }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem == "backup \(id) cannot be used: it is incomplete: database 'sales': it could not be read")
        #expect(world.production.acts == [])
        let prover = Prover(digests: world.digests, time: world.time) { _ in }
        let hand = try await hand(id, in: world)
        let unproven = await #expect(throws: Failure.self) { try await prover.prove(hand) }
        #expect(unproven?.problem == "backup \(id) is incomplete: database 'sales': it could not be read")
        #expect(await !prover.hasProven(hand))
    }

    @Test func aMissingPartOfItIsDamageAllTheSame() async throws {
        let (world, id) = try await world(lacking: [Self.missing])
        world.store["\(id)/rows"] = nil
        let failure = await #expect(throws: Failure.self) { try await world.run(request(id, in: world)).conduct { _ in } }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem.contains("rows") == true, "\(failure?.problem ?? "")")
        #expect(world.apps.acts == [])
    }

    /// By itself it is never chosen, nor counted.
    @Test func theNewestUsableOneIsAWholeOne() async throws {
        let (world, id) = try await world(lacking: [Self.missing])
        let ended = try await world.run(world.request()).conduct { _ in }
        #expect(ended.result.exitCode == 3)
        #expect(ended.result.passedOver.map(\.id) == ["\(id)"])
        let drilled = try await world.conductor(world.drill(runbook: MemoryWorld.runbook)).conduct()
        #expect(drilled.result.passedOver.map(\.id) == ["\(id)"])
        #expect(!world.store.keys.contains { $0.hasPrefix("\(id.setPath)/notes/") && $0.contains("-proof-") })
    }

    /// The pick for the first target leads to a set whose other half is incomplete: to restore that would prove what is not there.
    @Test func aDrillDoesNotTakeTheIncompleteHalfOfASet() async throws {
        let world = MemoryWorld()
        _ = try await world.putSet(targets: ["app-db", "other-db"], ageSeconds: 7200)
        let newest = try await world.putSet(targets: ["app-db", "other-db"], ageSeconds: 60)
        try breakUp(newest[1], in: world, [Self.missing])
        let drill = """
            drill: monthly
            environment:
              db: {engine: memory}
              other: {engine: memory}
            runs:
              - runbook: runbook.yaml
                targets: {db: db}
                backups: {dump: {policy: nightly, target: app-db}}
              - runbook: runbook.yaml
                targets: {db: other}
                backups: {dump: {policy: nightly, target: other-db}}
            """
        let conductor = world.conductor(try world.drill(runbook: MemoryWorld.runbook, drill: drill))
        let failure = await #expect(throws: Failure.self) { try await conductor.conduct() }
        #expect(failure?.kind == .damaged)
        #expect(
            failure?.problem
                == "the drill cannot be run: backup \(newest[1]) is incomplete: database 'sales': it could not be read")
        #expect(!world.store.keys.contains { $0.contains("-proof-") || $0.contains("-rehearsal-") })
    }

    @Test func aPlanSaysWhatItIsGoodFor() async throws {
        for (failed, words) in [([Self.missing], "can be used for what it holds only"), (nil, "cannot be used")]
            as [([FailedObject]?, String)]
        {
            let (world, id) = try await world(lacking: failed)
            let plan = try await world.run(request(id, in: world)).plan()
            #expect(
                plan.missing.contains("backup \(id) \(words): it is incomplete: database 'sales': it could not be read"), "\(plan.missing)")
        }
    }
}
