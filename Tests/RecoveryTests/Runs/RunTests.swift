import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunTests {
    @Test func theRunbookOfTheDrillRecoversTheRealThing() async throws {
        let world = try await MemoryWorld.real()
        let ended = try await world.run(world.request()).conduct { _ in }

        #expect(ended.result.outcome == .passed)
        #expect(ended.result.exitCode == 0)
        #expect(ended.result.environment.kind == "real")
        #expect(ended.result.environment.isolation == "not isolated: 'app-db' at prod:1")
        #expect(world.production.databases == ["app": [1, 2, 3]])
        #expect(world.copy.acts == [], "the other target is left alone")
        #expect(world.apps.acts == ["stop shop", "start shop"])
        #expect(world.locks.held.isEmpty)
        #expect(!world.production.isLocked)
        #expect(world.folders.openFolders.isEmpty)
        #expect(world.folders.scratchFolders.isEmpty)
        #expect(ended.result.next == [])
    }

    @Test func whatIsStillReadableIsKeptAndHeldAndCountedByNobody() async throws {
        let world = try await MemoryWorld.real()
        let ended = try await world.run(world.request()).conduct { _ in }
        let folder = "_safety/\(ended.result.run)"
        #expect(world.store["\(folder)/app-db/rows"] == [9, 9])
        #expect(world.store.keys.contains { $0.hasPrefix("\(folder)/notes/") && $0.contains("-hold-") })
        #expect(world.store["\(folder)/app-db/RESTORE.txt"] == Array("copy it back".utf8))
        let catalog = Catalog(store: world.store, digests: world.digests, inventories: PlainInventories())
        #expect(try await catalog.policies() == ["nightly"])
    }

    @Test func aFailureAfterTheDropSaysHowToPutTheCopyBack() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Verify\n", with: "  - name: Fail\n    memory.fail: engine\n  - name: Verify\n")
        let ended = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(ended.result.outcome == .broke(.engine))
        let copy = "_safety/\(ended.result.run)/app-db"
        #expect(
            ended.result.next.map(\.command) == ["lifeboat run /runbook.yaml --target db=app-db --backup dump=\(copy)"])
        #expect(ended.result.next.first?.purpose.contains("it lies in memory/\(copy), with a RESTORE.txt") == true)

        // And that command does it.
        var request = try world.request()
        request.backups = ["dump": copy]
        let back = try await world.run(request).conduct { _ in }
        #expect(back.result.outcome == .passed)
        #expect(world.production.databases == ["app": [9, 9]])
    }

    @Test func aServerThatIsDownIsNoObstacleAndIsGuardedAsTheWorst() async throws {
        let world = try await MemoryWorld.real()
        world.copy.goesDown()
        let failure = await #expect(throws: Failure.self) {
            try await world.run(world.request(target: "copy-db", confirmed: [])).conduct { _ in }
        }
        #expect(failure?.problem == "'copy-db' needs somebody's agreement: it does not say which server it is, and may be production")

        // It comes back while the run is under way: it is asked again, and locked under the name it gives.
        let request = try world.request(target: "copy-db", confirmed: ["copy-db"])
        let ended = try await world.run(request).conduct { _ in world.copy.goesDown(false) }
        #expect(ended.result.outcome == .passed)
        #expect(world.copy.databases == ["app": [1, 2, 3]])
        let identities = try world.folders.lines().compactMap { line -> String? in
            if case .identified(let identity) = line.event { identity.identity.system ?? "unreadable" } else { nil }
        }
        #expect(identities == ["unreadable", "copy-system"])
    }

    @Test func nobodyElseWorksOnTheServerMeanwhile() async throws {
        for key in ["memory-at-prod:1", "memory-system-prod-system"] {
            let world = try await MemoryWorld.real()
            let other = try await world.locks.take([key], .shared, as: "backup of policy 'nightly'")
            let failure = await #expect(throws: Failure.self) { try await world.run(world.request()).conduct { _ in } }
            #expect(failure?.kind == .lockHeld)
            #expect(failure?.problem == "\(key) is in use: held by backup of policy 'nightly'")
            #expect(try await world.folders.list().isEmpty, "the run has not begun")
            #expect(world.production.acts == [])
            await other.release()
            #expect(world.locks.held.isEmpty)
        }
    }

    @Test func aServerThatIsDownIsLockedByWhatBackupsSayOfIt() async throws {
        let world = try await MemoryWorld.real()
        world.production.goesDown()
        let other = try await world.locks.take(["memory-system-prod-system"], .shared, as: "somebody")
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request()).conduct { _ in } }
        #expect(failure?.problem == "memory-system-prod-system is in use: held by somebody")
        await other.release()
    }

    @Test func aDamagedBackupIsRefusedBeforeAnythingIsDropped() async throws {
        let world = try await MemoryWorld.real()
        let rows = try #require(world.store.keys.first { $0.hasSuffix("app-db/rows") })
        world.store.flip(rows, byte: 0)
        let ended = try await world.run(world.request()).conduct { _ in }
        #expect(ended.result.exitCode == 2)
        #expect(world.production.databases == ["app": [9, 9]])
        #expect(world.production.acts == [])
    }

    @Test func theBackupIsHeldWhileTheRunMayGoOn() async throws {
        let world = try await MemoryWorld.real()
        func holds() -> Int { world.store.keys.count { $0.hasPrefix("nightly/") && $0.contains("-hold-") } }
        let runbook = MemoryWorld.realRunbook.replacing("  - name: Drop\n", with: "  - name: Wait\n    confirm: Go on?\n  - name: Drop\n")
        let paused = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(paused.result.exitCode == 5)
        #expect(holds() == 1)
        #expect(try await world.resumed(runbook).result.exitCode == 5)
        #expect(holds() == 1, "the lives of a run have one hold between them")
        world.people.answers("yes")
        #expect(try await world.resumed(runbook).result.outcome == .passed)
        #expect(holds() == 0, "a run that is over holds nothing")
    }

    @Test func aRunThatIsGivenUpGivesItsBackupsBack() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing("  - name: Drop\n", with: "  - name: Wait\n    confirm: Go on?\n  - name: Drop\n")
        let run = RunID(rawValue: try await world.run(world.request(runbook)).conduct { _ in }.result.run)
        let session = try await RunSession.resume(run, in: world.world) { _ in [] }
        let stores = try world.places().stores
        world.store.writes { throw Failure(.storeUnavailable, "the store is read-only") }
        let troubles = await HeldBackups.giveBack(session.started.backups, in: stores, of: run, world.world)
        #expect(troubles.first?.hasSuffix("is still held for the run, until that expires: the store is read-only") == true)
        world.store.writes {}
        #expect(await HeldBackups.giveBack(session.started.backups, in: stores, of: run, world.world) == [])
        #expect(!world.store.keys.contains { $0.hasPrefix("nightly/") && $0.contains("-hold-") })
        await session.folder.close()
    }

    @Test func whatIsToBeDoneAlwaysIsDoneWithoutAJournalTooAndDestroysNothing() async throws {
        let always = """

            always:
              - name: Sound the siren
                exec: {command: [app, start, siren], destroys: []}
              - name: Tell
                notify: ops
              - name: Tidy up
                memory.drop: {database: spare, refill: none}
              - name: Do what nobody can see into
                exec: [app, start, mystery]
            """
        for n in 2... {
            let world = try await MemoryWorld.real()
            world.production.somebody { $0["spare"] = [5] }
            var request = try world.request(MemoryWorld.realRunbook + always)
            request.acceptedUnproven = ["app-db/spare"]
            world.folders.fillsUp(atAppend: n)
            let ended = try await world.run(request).conduct { _ in }
            guard ended.result.outcome != .passed else {
                #expect(n > 20, "no append was the one that failed")
                break
            }
            #expect(ended.result.exitCode == 74, "append \(n)")
            #expect(world.apps.running.contains("siren"), "append \(n)")
            #expect(world.notices.sent.count == 1, "append \(n)")
            let started = try world.folders.lines().compactMap { if case .stepStarted(let step) = $0.event { step.path } else { nil } }
            #expect(!world.production.acts.contains("drop app") || started.contains("1.4"), "append \(n)")
            #expect(!world.production.acts.contains("drop spare") || started.contains("always-1.3"), "append \(n)")
            #expect(!world.apps.running.contains("mystery") || started.contains("always-1.4"), "append \(n)")
            #expect(world.locks.held.isEmpty)
        }
    }

    @Test func aBackupThatIsMarkedForDeletionIsRefused() async throws {
        let world = try await MemoryWorld.real()
        let set = try #require(world.store.keys.first { $0.hasPrefix("nightly/") }).split(separator: "/")[1]
        let note = Note(kind: .deletion, writtenAt: world.time.now, host: "test", run: nil, text: "too old")
        try await world.store.create("nightly/\(set)/notes/\(note.fileName(random: "x"))", CanonicalJSON.encode(note))
        var request = try world.request()
        request.backups = ["dump": "nightly/\(set)/app-db"]
        let failure = await #expect(throws: Failure.self) { try await world.run(request).conduct { _ in } }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem == "nightly/\(set) is marked for deletion since \(note.writtenAt.text): too old")
        #expect(world.locks.held.isEmpty)
        #expect(try await world.folders.list().isEmpty)
    }

    @Test func aStoreThatTakesNoNotesIsNoObstacle() async throws {
        let world = try await MemoryWorld.real()
        world.store.writes { throw Failure(.storeUnavailable, "the store is read-only") }
        var request = try world.request()
        request.choices = StepChoices(skip: ["1.3"])
        let ended = try await world.run(request).conduct { _ in }
        #expect(world.production.databases == ["app": [1, 2, 3]])
        #expect(ended.result.exitCode == 3)
        #expect(ended.result.notices.first?.hasSuffix("could not be held against being removed meanwhile: the store is read-only") == true)
    }

    @Test func stepsAreLeftOutAndTheReportSaysSo() async throws {
        let world = try await MemoryWorld.real()
        var request = try world.request()
        request.choices = StepChoices(skip: ["1.3"])
        let skipped = try await world.run(request).conduct { _ in }
        #expect(skipped.result.outcome == .passed)
        #expect(skipped.result.notExercised == [NotExercised("1.3 Keep", because: "left out with --skip 1.3")])
        #expect(!world.store.keys.contains { $0.hasPrefix("_safety") })

        request.choices = StepChoices(from: "1.7")
        let from = try await world.run(request).conduct { _ in }
        #expect(from.result.parts.first?.steps.map(\.status) == Array(repeating: .skipped, count: 6) + [.passed])
        #expect(from.result.notExercised.first == NotExercised("1.1 Prove", because: "left out with --from 1.7"))
        #expect(from.result.outcome == .unverified)
        #expect(from.result.exitCode == 3)
    }

    @Test func whatAPersonHasToDoIsWaitedFor() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Drop\n", with: "  - name: Unplug\n    manual: Unplug the cable.\n  - name: Drop\n")
        let paused = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.4")
        #expect(paused.result.next.map(\.command) == ["lifeboat resume \(paused.result.run)"])
        #expect(world.production.databases == ["app": [9, 9]])
        #expect(world.locks.held.isEmpty)

        let again = try await world.resumed(runbook)
        #expect(again.result.exitCode == 5, "nobody has done it yet")
        world.people.answers("done")
        let ended = try await world.resumed(runbook)
        #expect(world.people.asked == ["Unplug the cable.\nType 'done' when it is done: "])
        #expect(ended.result.outcome == .passed)
        #expect(world.production.databases == ["app": [1, 2, 3]])
    }

    @Test func secretsReachNeitherJournalNorReportNorPlan() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Verify\n", with: "  - name: Fail\n    memory.fail: engine\n  - name: Verify\n")
        world.production.goesDown()
        let plan = try await world.run(world.request(runbook)).plan()
        let ended = try await world.run(world.request(runbook)).conduct { _ in world.production.goesDown(false) }
        let journal = try await world.folders.journal(of: RunID(rawValue: ended.result.run))
        for bytes in [journal, try CanonicalJSON.encode(ended.result), try CanonicalJSON.encode(plan)] {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2"))
        }
    }
}
