import Documents
import Recovery
import TestSupport
import Testing

/// Newer backups that cannot be used: nobody is kept from the one before them, and nobody is left in the dark.
@Suite(.timeLimit(.minutes(1))) struct PassedOverTests {
    /// What can be wrong with the newest backup, whether that is a loss, and how it is put.
    private static let flaws: [(name: String, isTrouble: Bool, why: String)] = [
        ("a part is shorter", true, "rows has 1 bytes instead of 3"),
        ("a part is missing", true, "rows is missing"),
        ("set.json is torn", true, "/set.json cannot be read as JSON"),
        ("the manifest is torn", true, "/manifest.json is not a manifest: it cannot be read as JSON"),
        (
            "the manifest is missing", true,
            "/manifest.json is missing from store 'main', and set.json names it"
        ),
        ("set.json was never written", false, "its set was not finished"),
        ("it is marked for deletion", false, "it is marked for deletion"),
    ]

    private func damage(_ id: BackupID, _ flaw: String, in world: MemoryWorld) async throws {
        switch flaw {
        case "a part is shorter": world.store.truncate("\(id)/rows", to: 1)
        case "a part is missing": try await world.store.delete("\(id)/rows")
        case "set.json is torn": world.store.truncate("\(id.setPath)/set.json", to: 5)
        case "the manifest is torn": world.store.truncate("\(id)/manifest.json", to: 5)
        case "the manifest is missing": try await world.store.delete("\(id)/manifest.json")
        case "set.json was never written": try await world.store.delete("\(id.setPath)/set.json")
        default:
            let note = Note(kind: .deletion, writtenAt: world.time.now, host: "test", run: nil, text: "no rule keeps it")
            try await SetNotes(store: world.store, digests: world.digests).write(note, on: id.policy, id.set)
        }
    }

    @Test(arguments: flaws) func aDrillRestoresTheOneBeforeItProvesThatAndSaysSo(name: String, isTrouble: Bool, why: String) async throws {
        let world = MemoryWorld()
        let older = try await world.putBackup(ageSeconds: 7200)
        let newer = try await world.putBackup(ageSeconds: 3600)
        try await damage(newer, name, in: world)
        let ended = try await world.conductor(world.drill(runbook: MemoryWorld.runbook)).conduct()

        #expect(ended.result.outcome == (isTrouble ? .incomplete : .passed), "\(name)")
        #expect(ended.result.exitCode == (isTrouble ? 3 : 0))
        #expect(ended.result.backups.map(\.id) == ["\(older)"])
        #expect(ended.result.passedOver.map(\.id) == ["\(newer)"])
        #expect(ended.result.passedOver.first?.why.contains(why) == true, "\(ended.result.passedOver)")
        #expect(
            world.progress.warnings.filter { $0.hasPrefix("backup \(newer) was passed over: ") }.count == (isTrouble ? 1 : 0),
            "told at the start")
        let notes = world.store.keys.filter { $0.hasPrefix("\(older.setPath)/notes/") }
        #expect(notes.count == 1)
        #expect(notes.first?.contains("-proof-") == true, "the one that was restored has earned its proof")
    }

    @Test(arguments: flaws) func aRecoveryDoesTheSame(name: String, isTrouble: Bool, why: String) async throws {
        let world = try await MemoryWorld.real()
        let newer = try await world.putBackup(ageSeconds: 60, source: MemoryWorld.productionSource)
        try await damage(newer, name, in: world)
        let plan = try await world.run(world.request()).plan()
        #expect(plan.missing.count == 1)
        #expect(plan.missing.first?.hasPrefix("backup \(newer) was passed over: ") == true, "\(plan.missing)")
        let ended = try await world.run(world.request()).conduct { _ in }
        #expect(ended.result.outcome == (isTrouble ? .incomplete : .passed), "\(name)")
        #expect(ended.result.passedOver.map(\.kind.isTrouble) == [isTrouble])
        #expect(world.production.databases == ["app": [1, 2, 3]])
    }

    @Test(arguments: flaws) func whenThereIsNoOtherItIsDamagedOrNotFound(name: String, isTrouble: Bool, why: String) async throws {
        let world = MemoryWorld()
        let only = try await world.putBackup()
        try await damage(only, name, in: world)
        for pick in ["latest", "{random: {within: 30d}}"] {
            // Of a set that is not finished, a random pick does not even know that it holds the target.
            if name == "set.json was never written", pick != "latest" { continue }
            let drill = MemoryWorld.drill.replacing("target: app-db}", with: "target: app-db, pick: \(pick)}")
            let conductor = world.conductor(try world.drill(runbook: MemoryWorld.runbook, drill: drill))
            let failure = await #expect(throws: Failure.self) { try await conductor.conduct() }
            #expect(failure?.kind == (isTrouble ? .damaged : .notFound), "\(name), \(pick)")
            #expect(failure.map { "\($0)".contains(why) } == true, "\(name): \(String(describing: failure))")
        }
        #expect(world.provider.started == 0)
    }

    @Test func aFailureOfTheRunIsNotHiddenBehindIt() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup(ageSeconds: 7200)
        try await damage(try await world.putBackup(ageSeconds: 3600), "a part is missing", in: world)
        let runbook = MemoryWorld.runbook.replacing(#""${step.load.rows}""#, with: "4")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .failed)
    }

    @Test func aRandomPickTellsOfTheDamagedOnesItMet() async throws {
        let world = MemoryWorld()
        let whole = try await world.putBackup(ageSeconds: 7200)
        let torn = try await world.putBackup(ageSeconds: 10_800)
        try await damage(torn, "set.json is torn", in: world)
        let drill = MemoryWorld.drill.replacing("target: app-db}", with: "target: app-db, pick: {random: {within: 30d}}}")
        let ended = try await world.conductor(world.drill(runbook: MemoryWorld.runbook, drill: drill)).conduct()
        #expect(ended.result.backups.map(\.id) == ["\(whole)"])
        #expect(ended.result.passedOver.map(\.id) == ["\(torn)"])
        #expect(ended.result.exitCode == 3)
    }

    @Test func whoeverGoesOnWithTheRunIsToldInTheEndToo() async throws {
        let world = try await MemoryWorld.real()
        try await damage(
            try await world.putBackup(ageSeconds: 60, source: MemoryWorld.productionSource), "set.json is torn", in: world)
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Drop\n", with: "  - name: Ask\n    manual: Look at the weather.\n  - name: Drop\n")
        let paused = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(paused.result.outcome == .paused)
        world.people.answers("done")
        world.restart()
        let ended = try await world.resumed(runbook, confirmed: ["app-db"])
        #expect(ended.result.passedOver.count == 1)
        #expect(ended.result.outcome == .incomplete, "\(String(describing: ended.result.failure))")
    }
}
