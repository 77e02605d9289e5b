import Documents
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct DrillTests {
    @Test func restoresVerifiesAndProves() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        let id = try await world.putBackup()
        let ended = try await world.conductor(world.drill(runbook: MemoryWorld.runbook)).conduct()

        #expect(ended.result.outcome == .passed)
        #expect(ended.result.exitCode == 0)
        #expect(ended.result.checks.differed == 0)
        #expect(world.provider.last?.databases == ["app": [1, 2, 3]])
        #expect(world.provider.running == 0, "the servers are gone")
        #expect(world.folders.scratchFolders.isEmpty)
        #expect(world.folders.openFolders.isEmpty)
        let notes = world.store.keys.filter { $0.hasPrefix("\(id.setPath)/notes/") }
        #expect(notes.count == 1)
        #expect(notes.first?.contains("-proof-") == true)
        #expect(ended.result.objectives.rpoSeconds.map { $0 > 3599 && $0 < 3610 } == true)
    }

    @Test func onlyWhatWasComparedIsProven() async throws {
        let world = try await MemoryWorld.real()
        let taken = try await world.takeBackups()
        let runbook = MemoryWorld.runbook.replacing("backups: {dump: memory}", with: "backups: {dump: memory, other: memory}")
            .replacing(#"rows: "${step.load.rows}"}"#, with: #"rows: "${step.load.rows}", against: dump}"#)
        let drill = MemoryWorld.drill.replacing(
            "app-db}}", with: "app-db}, other: {policy: nightly, target: copy-db}}")
        let ended = try await world.conductor(world.drill(runbook: runbook, drill: drill)).conduct()
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        let set = try #require(taken.manifests.first).id.set
        let catalog = Catalog(store: world.store, digests: world.digests, inventories: PlainInventories())
        let notes = try await catalog.notes(of: "nightly", set)
        #expect(notes.filter { $0.kind == .proof }.flatMap(\.manifests.keys) == ["app-db"])
        #expect(notes.filter { $0.kind == .rehearsal }.flatMap(\.manifests.keys) == ["copy-db"])
    }

    @Test func aDifferenceFailsTheDrillAndIsNoProof() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(#""${step.load.rows}""#, with: "4")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()

        #expect(ended.result.outcome == .failed)
        #expect(ended.result.exitCode == 2)
        #expect(ended.result.failure?.problem == "verification found differences: database app, rows: expected 4, found 3")
        #expect(ended.result.failedStep == "1.4")
        #expect(!world.store.keys.contains { $0.contains("/notes/") })
    }

    @Test func aRestoreThatNobodyVerifiedIsNoPass() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.split(separator: "\n").dropLast(2).joined(separator: "\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .unverified)
        #expect(ended.result.exitCode == 2)
        #expect(world.store.keys.contains { $0.contains("-rehearsal-") })
        #expect(!world.store.keys.contains { $0.contains("-proof-") })
    }

    @Test func aStandInGivesARehearsalOnly() async throws {
        let world = MemoryWorld(standIns: ["db"])
        _ = try await world.putBackup()
        let ended = try await world.conductor(world.drill(runbook: MemoryWorld.runbook)).conduct()
        #expect(ended.result.rehearsal)
        #expect(!world.store.keys.contains { $0.contains("-proof-") })
    }

    @Test func whatAStandInPlaysDoesNotTakeTheProofFromWhatIsReal() async throws {
        let world = MemoryWorld(standIns: ["other"])
        let ids = try await world.putSet(targets: ["app-db", "other-db"])
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
        let ended = try await world.conductor(world.drill(runbook: MemoryWorld.runbook, drill: drill)).conduct()
        #expect(ended.result.outcome == .passed)
        #expect(ended.result.rehearsal)
        let notes = world.store.keys.filter { $0.hasPrefix("\(ids[0].setPath)/notes/") }
        for (word, target, other) in [("proof", "app-db", "other-db"), ("rehearsal", "other-db", "app-db")] {
            let key = try #require(notes.first { $0.contains("-\(word)-") })
            let note = String(decoding: try await world.store.bytes(of: key), as: UTF8.self)
            #expect(note.contains(target) && !note.contains(other), "\(word): \(note)")
        }
    }

    @Test(arguments: ["rows", "inventory.jsonl"]) func aDamagedBackupIsRefusedBeforeAnythingIsDropped(part: String) async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        let id = try await world.putBackup()
        world.store.flip("\(id)/\(part)", byte: 0)
        // No step proves it: the runner does, before it lets the drop run.
        let runbook = MemoryWorld.runbook.replacing("  - name: Prove\n    backup.verify: dump\n", with: "")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()

        #expect(ended.result.outcome == .failed)
        #expect(ended.result.exitCode == 2)
        #expect(ended.result.failure?.kind == .damaged)
        #expect(ended.result.failure?.problem.hasPrefix("part \(id)/\(part) is damaged: its SHA-256 is ") == true)
        #expect(world.provider.last?.acts == [], "nothing was touched")
    }

    @Test func aBackupThatDoesNotHoldTheObjectIsRefused() async throws {
        let world = MemoryWorld(given: ["other": [9]])
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing("memory.drop: {database: app", with: "memory.drop: {database: other")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.failure?.kind == .unfit)
        #expect(world.provider.last?.acts == [])
    }

    @Test func aDropWithoutRefillIsRefusedByTheRunner() async throws {
        let world = MemoryWorld(given: ["app": [9]])
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(", refill: dump}", with: ", refill: none}")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.failure?.problem == "the step would destroy database db/app, and no backup is named that fills it again")
        #expect(ended.result.exitCode == 1)
        #expect(world.provider.last?.acts == [])
    }

    @Test func alwaysRunsAfterAFailureAndNeverHidesIt() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook =
            MemoryWorld.runbook.replacing(#""${step.load.rows}""#, with: "4") + """

                always:
                  - name: First
                    memory.fail: engine
                  - name: Second
                    memory.drop: {database: nothing, refill: none}
                """
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .failed)
        #expect(ended.result.failedStep == "1.4")
        #expect(world.provider.last?.acts.suffix(2) == ["fail engine", "drop nothing"])
        #expect(ended.result.notices == ["'First' (always) did not succeed: failed as told, the password was ‹secret›"])
    }

    @Test func aFailingAlwaysTurnsAPassIntoIncomplete() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook + "\nalways:\n  - name: First\n    memory.fail: engine\n"
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .incomplete)
        #expect(ended.result.exitCode == 3)
    }

    @Test func whatEndedIncompleteIsNoProof() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook + "\nalways:\n  - name: First\n    memory.fail: engine\n"
        _ = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(world.store.keys.contains { $0.contains("-rehearsal-") })
        #expect(!world.store.keys.contains { $0.contains("-proof-") })
    }

    @Test func aMissedObjectiveIsFour() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup(ageSeconds: 7200)
        let ended = try await world.conductor(
            world.drill(runbook: MemoryWorld.runbook, drill: MemoryWorld.drill + "\nobjectives: {rpo: 1h}")
        ).conduct()
        #expect(ended.result.outcome == .objectiveMissed)
        #expect(ended.result.exitCode == 4)
        #expect(world.store.keys.contains { $0.contains("-proof-") }, "slow or old, the backup has been restored and verified")
    }

    @Test func attemptsAreMadeOnlyForWhatCanPass() async throws {
        for (kind, expected) in [("unreachable", 3), ("engine", 1), ("damaged", 1)] {
            let world = MemoryWorld()
            _ = try await world.putBackup()
            let runbook = MemoryWorld.runbook.replacing(
                "  - name: Prove\n", with: "  - name: Fail\n    attempts: 3\n    memory.fail: \(kind)\n  - name: Prove\n")
            let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
            #expect(ended.result.parts.first?.steps.first?.attempts.count == expected, "\(kind)")
            #expect(world.provider.last?.acts.count == expected)
        }
    }

    @Test func eachPauseBetweenAttemptsIsTwiceTheOneBefore() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n",
            with: "  - name: Fail\n    attempts: 4\n    backoff: 10s\n    memory.fail: unreachable\n  - name: Prove\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        let attempts = try #require(ended.result.parts.first?.steps.first?.attempts)
        let pauses = zip(attempts, attempts.dropFirst()).map { before, after in
            (after.offsetSeconds - before.offsetSeconds - before.tookSeconds).rounded()
        }
        #expect(pauses == [10, 20, 40])
        #expect(StepFrame(backoff: .seconds(200)).pause(beforeAttempt: 3) == .seconds(300), "and none is longer than five minutes")
        #expect(StepFrame().pause(beforeAttempt: 1) == .zero)
    }

    @Test func anotherAttemptFindsWhatTheFirstOneDidTakenBack() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n", with: "  - name: Flaky\n    attempts: 2\n    memory.flaky: {database: other}\n  - name: Prove\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.provider.last?.acts.prefix(2) == ["half of other", "undo other"])
        #expect(ended.result.parts.first?.steps.first?.attempts.map(\.status) == [.broke, .passed])
    }

    @Test func aStepThatTakesTooLongIsTooSlowAndNotCancelled() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n", with: "  - name: Wait\n    timeout: 90s\n    memory.fail: hang\n  - name: Prove\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .broke(.timedOut))
        #expect(ended.result.failure?.problem == "'Wait' took longer than 1min30s, the time it is given")
    }

    @Test func onFailureContinueGoesOnAndStillFails() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n", with: "  - name: Fail\n    on_failure: continue\n    memory.fail: engine\n  - name: Prove\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .broke(.engine))
        #expect(ended.result.parts.first?.steps.last?.status == .passed)
        #expect(ended.result.objectives.rtoSeconds != nil, "it came to its end")
    }

    @Test func whatStoppedAtItsLastStepHasNoRecoveryTime() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let ended = try await world.conductor(
            world.drill(runbook: MemoryWorld.runbook + "\n  - name: Fail\n    memory.fail: engine\n")
        ).conduct()
        #expect(ended.result.outcome == .broke(.engine))
        #expect(ended.result.objectives.rtoSeconds == nil)
    }

    /// What went wrong first may be the lesser evil.
    @Test func theFailureThatIsToldIsTheWorstOfARunbook() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n", with: "  - name: Fail\n    on_failure: continue\n    memory.fail: engine\n  - name: Prove\n"
        ).replacing(#""${step.load.rows}""#, with: "4")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .failed)
        #expect(ended.result.failedStep == "1.5")
        #expect(ended.result.failure?.kind == .differs)
    }

    @Test func aDrillTellsWhomItNamesAndOnlyThem() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook + "\nalways:\n  - name: Tell\n    notify: ops\n"
        _ = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(world.notices.sent == [])
        let told = try await world.conductor(
            world.drill(runbook: runbook, drill: MemoryWorld.drill + "\nnotify: {to: ops, when: always}")
        ).conduct()
        #expect(world.notices.sent == ["ops: passed"])
        #expect(told.result.outcome == .passed)
    }

    @Test func aDeadWebhookNeverHidesADamagedBackup() async throws {
        let world = MemoryWorld()
        let id = try await world.putBackup()
        world.store.truncate("\(id)/rows", to: 1)
        world.notices.fails(with: Failure(.unreachable, "nobody answers"))
        let conductor = world.conductor(try world.drill(runbook: MemoryWorld.runbook, drill: MemoryWorld.drill + "\nnotify: ops"))
        let failure = await #expect(throws: Failure.self) { try await conductor.conduct() }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem.hasSuffix("\(id): rows has 1 bytes instead of 3") == true)
    }

    @Test func aCommandThatIsLeftOutOfDrillsIsListedAsNotExercised() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n",
            with: """
                  - name: Ring
                    exec: {command: [app, start, bell], in_drills: skip}
                  - name: Light
                    exec: {command: [app, start, lamp], in_drills: run}
                  - name: Prove

                """)
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        #expect(ended.result.outcome == .passed, "what was left out on purpose is no fault: \(ended.result.failure?.problem ?? "")")
        #expect(world.apps.acts == ["start lamp"])
        #expect(ended.result.parts.first?.steps.prefix(2).map(\.status) == [.skipped, .passed])
        #expect(
            ended.result.notExercised == [
                NotExercised("1.4 Drop", because: "there was nothing for it to do"),
                NotExercised("1.1 Ring", because: "the runbook says in_drills: skip"),
            ])
    }

    @Test func anApplicationThatIsNotDrilledIsListedWithItsReason() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook =
            MemoryWorld.runbook.replacing("backups:", with: "apps: [shop]\nbackups:")
            .replacing("  - name: Prove\n", with: "  - name: Stop\n    app.stop: shop\n  - name: Prove\n")
            + "\n  - name: Start\n    app.start: shop\n  - name: Wait\n    app.healthy: shop\n"
        let drill = MemoryWorld.drill + "\n    apps: {shop: {not_drilled: it runs elsewhere}}\n"
        let ended = try await world.conductor(world.drill(runbook: runbook, drill: drill)).conduct()
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.apps.acts == [], "the real one is not touched")
        let why = "application 'shop' is not drilled: it runs elsewhere"
        #expect(
            ended.result.notExercised == [
                NotExercised("application 'shop'", because: "it runs elsewhere"),
                NotExercised("1.3 Drop", because: "there was nothing for it to do"), NotExercised("1.1 Stop", because: why),
                NotExercised("1.6 Start", because: why), NotExercised("1.7 Wait", because: why),
            ])
        #expect(ended.result.parts.first?.steps.filter { $0.kind.hasPrefix("app.") }.map(\.status) == [.skipped, .skipped, .skipped])
        #expect(ended.result.parts.first?.bindings.contains(.init(.app, "shop", "not drilled: it runs elsewhere")) == true)
    }

    @Test func secretsReachNeitherJournalNorReport() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let runbook = MemoryWorld.runbook.replacing("  - name: Prove\n", with: "  - name: Fail\n    memory.fail: engine\n  - name: Prove\n")
        let ended = try await world.conductor(world.drill(runbook: runbook)).conduct()
        let journal = try await world.folders.journal(of: RunID(rawValue: ended.result.run))
        for bytes in [journal, try CanonicalJSON.encode(ended.result), try CanonicalJSON.encode(ended.result, pretty: true)] {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2"))
        }
    }

    @Test func whenTheJournalCannotBeWrittenNothingMoreIsDestroyed() async throws {
        for n in 2... {
            let world = MemoryWorld(given: ["app": [9]])
            _ = try await world.putBackup()
            let conductor = world.conductor(try world.drill(runbook: MemoryWorld.runbook))
            world.folders.fillsUp(atAppend: n)
            let ended = try await conductor.conduct()
            guard ended.result.outcome != .passed else { break }
            #expect(ended.result.exitCode == 74, "append \(n)")
            let written = try world.folders.lines().count
            let acts = world.provider.last?.acts ?? []
            let dropWasWritten = try world.folders.lines().contains { line in
                if case .stepStarted(let step) = line.event { step.path == "1.2" } else { false }
            }
            #expect(acts.isEmpty || dropWasWritten, "append \(n): \(acts) after \(written) lines")
            #expect(world.provider.running == 0)
        }
    }
}
