import Recovery
import TestSupport
import Testing

/// Who has to be asked before something is destroyed on a configured target.
@Suite(.timeLimit(.minutes(1))) struct GuardTests {
    @Test func productionNeedsItsNameAndWithoutItTheRunDoesNotBegin() async throws {
        let world = try await MemoryWorld.real()
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request(confirmed: [])).conduct { _ in } }
        #expect(failure?.kind == .refused)
        #expect(
            failure.map { "\($0)" } == """
                'app-db' needs somebody's agreement: it is production
                  hint: look at `lifeboat plan`, then add --confirm app-db, or run it at a terminal
                """)
        #expect(try await world.folders.list().isEmpty)
        #expect(world.apps.acts == [])
        #expect(world.locks.held.isEmpty)
    }

    @Test func theNameIsTypedOnceForAllThatWillBeDestroyedThere() async throws {
        let world = try await MemoryWorld.real()
        world.people.answers("app-db")
        let ended = try await world.run(world.request(confirmed: [])).conduct { _ in }
        #expect(ended.result.outcome == .passed)
        #expect(
            world.people.asked == [
                """
                What is on 'app-db' (memory at prod:1) will be destroyed, and it is production:
                  - database app-db/app (2 rows)
                Type app-db to go on:\u{20}
                """
            ])
        let confirmed = try world.folders.lines().compactMap { line -> Confirmed? in
            if case .confirmed(let confirmation) = line.event { confirmation } else { nil }
        }
        #expect(confirmed.map(\.how) == ["typed at the terminal"])
        #expect(confirmed.first?.effects.map(\.object.description) == ["app-db/app"])
    }

    @Test(arguments: ["yes", "", "APP-DB"]) func nothingButTheNameWillDo(answer: String) async throws {
        let world = try await MemoryWorld.real()
        world.people.answers(answer)
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request(confirmed: [])).conduct { _ in } }
        #expect(failure?.kind == .declined)
        #expect(failure?.problem == "'\(answer)' is not 'app-db': what is on it stays as it is")
        #expect(world.production.acts == [])
    }

    @Test func stagingThatIsKnownToBeNothingElseIsNotAskedAbout() async throws {
        let world = try await MemoryWorld.real()
        let ended = try await world.run(world.request(target: "copy-db", confirmed: [])).conduct { _ in }
        #expect(ended.result.outcome == .passed)
        #expect(world.production.acts == [])
    }

    private static let disguises = [
        (
            "the same address", #"copy-db: {engine: memory, stage: staging, url: "memory://prod"}"#,
            "it is the same server as the source of backup"
        ),
        ("no stage", #"copy-db: {engine: memory, url: "memory://copy"}"#, "it has no stage, and counts as production"),
    ]

    @Test(arguments: disguises) func productionIsProductionUnderAnyName(_ what: String, target: String, because: String) async throws {
        let world = try await MemoryWorld.real()
        let configuration = MemoryWorld.configuration.replacing(
            #"copy-db: {engine: memory, stage: staging, url: "memory://copy"}"#, with: target)
        let failure = await #expect(throws: Failure.self, "\(what)") {
            try await world.run(world.request(target: "copy-db", confirmed: []), configuration).conduct { _ in }
        }
        #expect(failure?.problem.hasPrefix("'copy-db' needs somebody's agreement: \(because)") == true)
    }

    @Test func aServerTellsItselfApartByWhatItCallsItself() async throws {
        for (system, because) in [("prod-system", "it is the same server as"), (nil, "it does not say whether it is the same server as")] {
            let world = try await MemoryWorld.real()
            world.copy.isReplaced(by: system)
            let failure = await #expect(throws: Failure.self) {
                try await world.run(world.request(target: "copy-db", confirmed: [])).conduct { _ in }
            }
            #expect(failure?.problem.hasPrefix("'copy-db' needs somebody's agreement: \(because) the source of backup nightly/") == true)
        }
    }

    @Test func aServerThatDoesNotSayWhichItIsMayBeAny() async throws {
        let unknown = SourceIdentity(engine: MemoryEngine.engineName, address: "else:1", system: nil, database: nil)
        let known = SourceIdentity(engine: MemoryEngine.engineName, address: "else:1", system: "else", database: nil)
        let onlyCopy = MemoryWorld.configuration.replacing(
            #"  app-db: {engine: memory, stage: production, url: "memory://prod"}\#n"#, with: ""
        )
        .replacing("nightly: {targets: {app-db: {}}", with: "nightly: {targets: {copy-db: {}}")
        for (source, system, configuration, because) in [
            // The backup's source did not say; production has been seen nowhere.
            (unknown, "copy-system", onlyCopy, "it may be the same server as the source of backup"),
            (
                known, "copy-system", MemoryWorld.configuration,
                "it may be the same server as production target 'app-db', of which no backup"
            ),
            (known, nil, onlyCopy, "it does not say whether it is the same server as the source of backup"),
            (known, "copy-system", onlyCopy, nil),
        ] {
            let world = MemoryWorld()
            world.machines["copy"] = MemoryServer(holding: ["app": [9]], system: system)
            world.apps.somebodyStarts("shop")
            let id = try await world.putBackup(target: "copy-db", source: source)
            var request = try world.request(target: "copy-db", confirmed: [])
            request.backups = ["dump": id.description]
            let failure: Failure?
            do {
                let ended = try await world.run(request, configuration).conduct { _ in }
                #expect(ended.result.outcome == .passed)
                failure = nil
            } catch { failure = error as? Failure }
            #expect(failure?.problem.hasPrefix("'copy-db' needs somebody's agreement: ") == (because.map { _ in true }))
            #expect(because.map { failure?.problem.contains($0) ?? false } ?? true, "\(failure?.problem ?? "")")
        }
    }

    @Test func aProductionTargetIsRecognisedThoughTheBackupIsOfAnother() async throws {
        let world = try await MemoryWorld.real()
        let other = SourceIdentity(engine: MemoryEngine.engineName, address: "else:1", system: "else", database: nil)
        let id = try await world.putBackup(policy: "weekly", target: "copy-db", source: other)
        world.copy.isReplaced(by: "prod-system")
        var request = try world.request(target: "copy-db", confirmed: [])
        request.backups = ["dump": id.description]
        let configuration = MemoryWorld.configuration.replacing(
            "nightly: {targets: {app-db: {}}, store: main}",
            with: "nightly: {targets: {app-db: {}}, store: main}\n  weekly: {targets: {copy-db: {}}, store: main}")
        let failure = await #expect(throws: Failure.self) { try await world.run(request, configuration).conduct { _ in } }
        #expect(failure?.problem == "'copy-db' needs somebody's agreement: it is the same server as production target 'app-db'")
    }

    @Test func whatLifeboatCannotSeeIntoNeedsTheNameToo() async throws {
        let world = try await MemoryWorld.real()
        let runbook = """
            runbook: rebuild
            title: Rebuild
            targets: {db: memory}
            steps:
              - name: Do something
                exec: [app, start, shop]
            """
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request(runbook, confirmed: [])).conduct { _ in } }
        #expect(failure?.problem == "'app-db' needs somebody's agreement: it is production")
        let ended = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(ended.result.outcome == .unverified)
        let staged = try await world.run(world.request(runbook, target: "copy-db", confirmed: [])).conduct { _ in }
        #expect(staged.result.outcome == .unverified)
    }

    @Test func aCommandThatSaysWhatItDestroysIsHeldToIt() async throws {
        let world = try await MemoryWorld.real()
        let runbook = """
            runbook: rebuild
            title: Rebuild
            targets: {db: memory}
            steps:
              - name: Do something
                exec: {command: [app, start, shop], destroys: [app-db/cache]}
            """
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request(runbook)).conduct { _ in } }
        #expect(
            failure.map { "\($0)" } == """
                the runbook would destroy app-db/cache, and no backup is named that fills it again
                  hint: name one with `refill:`, where the step has that key, or run with --accept-unproven app-db/cache
                """)
        var request = try world.request(runbook)
        request.acceptedUnproven = ["app-db/cache"]
        let ended = try await world.run(request).conduct { _ in }
        #expect(ended.result.outcome == .unverified)
        #expect(
            ended.result.parts.first?.steps.first?.notes.first
                == "object app-db/cache destroyed without a proven backup of it: --accept-unproven")
        request.confirmed = []
        await #expect(throws: Failure.self) { try await world.run(request).conduct { _ in } }
    }

    @Test func aCommandCanNameWhatFillsAgainWhatItDestroys() async throws {
        func runbook(destroying object: String) -> String {
            """
            runbook: rebuild
            title: Rebuild
            targets: {db: memory}
            backups: {dump: memory}
            steps:
              - name: Lose it
                exec: {command: [app, start, shop], destroys: [\(object)], refill: dump}
              - name: Restore
                memory.restore: {database: other, from: dump}
            """
        }
        let world = try await MemoryWorld.real()
        let foreign = await #expect(throws: Failure.self) {
            try await world.run(world.request(runbook(destroying: "app-db/cache"))).conduct { _ in }
        }
        #expect(foreign?.kind == .unfit)
        #expect(foreign?.problem.hasSuffix(" does not hold 'cache', which the step would destroy") == true, "\(foreign?.problem ?? "")")
        let unagreed = await #expect(throws: Failure.self) {
            try await world.run(world.request(runbook(destroying: "app-db/app"), confirmed: [])).conduct { _ in }
        }
        #expect(unagreed?.problem == "'app-db' needs somebody's agreement: it is production")
        let ended = try await world.run(world.request(runbook(destroying: "app-db/app"))).conduct { _ in }
        #expect(ended.result.outcome == .unverified, "\(ended.result.failure?.problem ?? "")")
        #expect(world.folders.openFolders.isEmpty)
    }

    /// Not when the plan is made, but right before the act: by the bytes themselves.
    @Test func aCommandDestroysNothingThatADamagedBackupWouldFill() async throws {
        let world = try await MemoryWorld.real()
        let runbook = """
            runbook: rebuild
            title: Rebuild
            targets: {db: memory}
            backups: {dump: memory}
            steps:
              - name: Lose it
                exec: {command: [app, stop, shop], destroys: [app-db/app], refill: dump}
              - name: Restore
                memory.restore: {database: other, from: dump}
            """
        for key in world.store.keys where key.hasSuffix("/rows") { world.store.flip(key, byte: 0) }
        let ended = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(ended.result.outcome == .failed)
        #expect(ended.result.failedStep == "1.1")
        #expect(!world.faults.calls.contains { $0.contains("stop shop") }, "\(world.faults.calls)")
    }
}
