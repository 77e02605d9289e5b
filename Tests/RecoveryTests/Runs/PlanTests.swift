import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct PlanTests {
    @Test func tellsWhatWouldHappenAndDoesNothing() async throws {
        let world = try await MemoryWorld.real()
        let plan = try await world.run(world.request(confirmed: [])).plan()
        #expect(plan.runbook.owner == "dba")
        #expect(plan.runbook.contacts == [.init(name: "Database on call", phone: "+49 30 1234", mail: nil)])
        #expect(plan.targets.map(\.system) == ["prod-system"])
        #expect(plan.targets.map(\.guarded) == ["it is production"])
        #expect(plan.backups.map(\.proof) == [nil])
        #expect(plan.duration == nil)
        #expect(plan.missing == [])
        #expect(plan.steps.map(\.path) == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
        #expect(plan.steps[3].effects.map { "\($0.verb.rawValue) \($0.object) \($0.amount.words)" } == ["destroy app-db/app 2 rows"])
        #expect(plan.confirmations.map(\.target) == ["app-db"])
        #expect([plan.count(.create), plan.count(.change), plan.count(.destroy), plan.unknownSteps] == [1, 0, 1, 0])

        #expect(world.production.acts == [])
        #expect(world.apps.acts == [])
        #expect(world.locks.held.isEmpty, "who only looks keeps nobody away")
        #expect(try await world.folders.list().isEmpty)
        #expect(!world.store.keys.contains { $0.contains("/notes/") })
    }

    @Test func whatCannotBeReadIsUnknownAndNoObstacle() async throws {
        let world = try await MemoryWorld.real()
        world.production.goesDown()
        let plan = try await world.run(world.request(confirmed: [])).plan()
        #expect(plan.targets.first?.unreachable == "nobody answers, the password was ‹secret›")
        #expect(plan.steps[3].effects.map(\.amount.words) == ["unknown (unreachable: nobody answers, the password was ‹secret›)"])
        #expect(plan.count(.destroy) == 1, "what is unknown counts as the worst")
        #expect(
            plan.missing == ["what is on target 'app-db' is not known: nobody answers, the password was ‹secret›"])
    }

    /// Each question would wait for the whole time that a connection may take.
    @Test func aServerThatDoesNotAnswerIsAskedOnce() async throws {
        let world = try await MemoryWorld.real()
        world.production.goesDown()
        _ = try await world.run(world.request(confirmed: [])).plan()
        #expect(world.production.questions == 1)
    }

    /// One that answered who it is may still fall silent on the way.
    @Test func aServerThatFallsSilentIsAskedNoMore() async throws {
        let world = try await MemoryWorld.real()
        world.faults.fail(.server, call: 2, with: Failure(.unreachable, "it has gone"), .beforeTheEffect, .forGood)
        let plan = try await world.run(world.request(confirmed: [])).plan()
        #expect(plan.steps[3].effects.map(\.amount.words) == ["unknown (unreachable: it has gone)"])
        #expect(world.production.questions == 2)
    }

    @Test func whatCannotEndWellIsNotBegun() async throws {
        let world = try await MemoryWorld.real()
        world.production.lacks(Failure(.unfit, "the server is too old", hint: "take a newer one"))
        let plan = try await world.run(world.request()).plan()
        #expect(plan.missing == ["step 1.5 'Restore': the server is too old; take a newer one"])
        let failure = await #expect(throws: Failure.self) { try await world.run(world.request()).conduct { _ in } }
        #expect(failure?.kind == .unfit)
        #expect(failure?.problem == "the server is too old")
        #expect(world.apps.acts == [], "the application was never stopped")
        #expect(world.production.acts == [])
        #expect(try await world.folders.list().isEmpty)
    }

    @Test(arguments: [
        "  - name: Mend\n    exec: [mend]\n  - name: Stop\n",
        "  - name: Mend\n    memory.drop: {database: other, refill: none}\n  - name: Stop\n",
    ])
    func whatAStepBeforeMayMendIsLeftToTheStep(steps: String) async throws {
        let world = try await MemoryWorld.real()
        world.production.somebody { $0["other"] = [1] }
        world.production.lacks(Failure(.engine, "there is no room"))
        let runbook = MemoryWorld.realRunbook.replacing("  - name: Stop\n", with: steps)
        var request = try world.request(runbook)
        request.acceptedUnproven = ["app-db/other"]
        _ = try await world.run(request).conduct { _ in }
        #expect(try await !world.folders.list().isEmpty)
    }

    @Test func aLoginThatCannotBeLookedUpIsPartOfThePlanAndStopsTheRun() async throws {
        let world = try await MemoryWorld.real()
        let places = try world.places()
        let lost = ConfiguredPlaces(
            configuration: places.configuration, source: places.source, stores: places.stores,
            logIn: { name, _, _, _ in throw Failure(.configuration, "the password of '\(name)' is not set") },
            phone: { _ in throw Failure(.configuration, "DBA_PHONE is not set") })
        let conductor = RunConductor(try world.request(), in: world.world, with: lost, locks: world.locks)
        let plan = try await conductor.plan()
        #expect(plan.missing == ["the password of 'app-db' is not set"])
        #expect(plan.runbook.contacts.first?.phone == "not known (DBA_PHONE is not set)")
        let failure = await #expect(throws: Failure.self) { try await conductor.conduct { _ in } }
        #expect(failure?.problem == "the password of 'app-db' is not set")
    }

    @Test func earlierRunsAndDrillsTellHowLongItTakes() async throws {
        let world = try await MemoryWorld.real()
        let short = MemoryWorld.realRunbook.replacing(
            "  - name: Keep\n    backup.take: {target: db, database: app, optional: unreadable}\n", with: "")
        let drill = short.replacing("apps: [shop]\n", with: "").replacing("  - name: Stop\n    app.stop: shop\n", with: "")
            .replacing("  - name: Start\n    app.start: shop", with: "")
        for _ in 1...2 { _ = try await world.conductor(world.drill(runbook: drill)).conduct() }
        let run = try await world.run(world.request()).conduct { _ in }
        let plan = try await world.run(world.request()).plan()
        #expect(plan.duration?.runs == 3)
        #expect(plan.duration?.lastSeconds == run.result.parts.first?.tookSeconds)
        #expect(plan.steps.map { $0.duration?.runs } == [3, 1, 1, 3, 3, 3, 1])
        #expect(plan.backups.first?.proof?.words == "drill monthly: passed")
    }

    @Test func whatIsNotThereWillNotBeDestroyed() async throws {
        let world = try await MemoryWorld.real()
        world.production.somebody { $0 = [:] }
        let plan = try await world.run(world.request(confirmed: [])).plan()
        #expect(plan.count(.destroy) == 0)
        #expect(plan.confirmations == [])
        let ended = try await world.run(world.request(confirmed: [])).conduct { _ in }
        #expect(ended.result.outcome == .passed, "nothing is destroyed, so nobody is asked")
    }

    @Test func whatIsMissingIsSaid() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing("owner: dba\n", with: "owner: dba\ncontacts: [boss]\n").replacing(
            "  - name: Drop\n", with: "  - name: Call\n    exec: [ring, everybody]\n  - name: Drop\n")
        let rows = try #require(world.store.keys.first { $0.hasSuffix("app-db/rows") })
        world.store.truncate(rows, to: 1)
        var request = try world.request(runbook)
        request.backups = ["dump": String(rows.dropLast("/rows".count))]
        let configuration = MemoryWorld.configuration.replacing("stop: {command: [app,", with: "stop: {command: [halt,")
        let plan = try await world.run(request, configuration).plan()
        #expect(
            plan.missing == [
                "backup \(rows.dropLast("/rows".count)) cannot be used: rows has 1 bytes instead of 3",
                "the runbook's contact 'boss' is not in the configuration",
                "the program halt, for application 'shop', is not installed here",
                "step 1.4 'Call': the program ring is not installed here",
            ])
        #expect(plan.steps[3].unknown == "lifeboat cannot see what exec does")
        #expect(plan.confirmations.first?.effects.map(\.object.kind) == ["whatever step 1.4 reaches on", "database"])
    }

    @Test func effectsThatHangOnEarlierStepsAreUnknown() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Start\n",
            with: "  - name: Drop again\n    memory.drop: {database: \"${step.load.rows}\", refill: none}\n  - name: Start\n")
        let plan = try await world.run(world.request(runbook)).plan()
        #expect(plan.steps[6].unknown == "it depends on what earlier steps find out")
        #expect(plan.steps[5].unknown == nil, "a step that only reads stays one")
    }
}
