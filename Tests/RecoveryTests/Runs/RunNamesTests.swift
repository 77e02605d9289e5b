import Recovery
import TestSupport
import Testing

/// What a runbook's roles are bound to, and everything that can be wrong with that.
@Suite(.timeLimit(.minutes(1))) struct RunNamesTests {
    private static let runbook = """
        runbook: rebuild
        title: Rebuild
        targets: {db: memory}
        apps: [shop]
        backups: {dump: memory}
        inputs:
          jobs: {type: integer, means: how many at once}
          name: {type: name, default: app}
        steps:
          - name: Stop
            app.stop: shop
          - name: Drop
            memory.drop: {database: "${input.name}", refill: dump}
          - name: Restore
            memory.restore: {database: "${input.name}", from: dump}
        always:
          - name: Tell
            notify: ops
        """

    private func request(_ change: (inout RunRequest) -> Void) async throws -> (MemoryWorld, RunRequest) {
        let world = try await MemoryWorld.real()
        var request = RunRequest(try world.runbook(Self.runbook), targets: ["db": "app-db"], inputs: ["jobs": "2"])
        change(&request)
        return (world, request)
    }

    private func failure(_ configuration: String = MemoryWorld.configuration, _ change: (inout RunRequest) -> Void) async throws -> Failure?
    {
        let (world, request) = try await request(change)
        return await #expect(throws: Failure.self) { try await world.run(request, configuration).plan() }
    }

    @Test func everyMistakeIsSaidAtOnce() async throws {
        let failure = try await failure { request in
            request.targets = ["db": "app-bd", "dn": "app-db"]
            request.backups = ["dump": "nightly", "dumb": "a/b/c"]
            request.apps = ["shop": "shpo"]
            request.inputs = ["jobs": "two", "nmae": "x"]
            request.acceptedUnproven = ["app"]
            request.choices = StepChoices(skip: ["1.9"], from: "2.1")
        }
        #expect(failure?.kind == .usage)
        #expect(
            failure?.problem == """
                runbook rebuild cannot run like this:
                - --target dn=…: the runbook has no target role 'dn' (did you mean 'db'?)
                - --target db=app-bd: the configuration has no target 'app-bd' (did you mean 'app-db'?)
                - --backup dumb=…: the runbook has no backup role 'dumb' (did you mean 'dump'?)
                - --backup dump=nightly: that is not the id of a backup (ids are POLICY/SET/TARGET; `lifeboat backups list` shows them)
                - --app shop=shpo: the configuration has no application 'shpo' (did you mean 'shop'?)
                - --input nmae=…: the runbook has no input 'nmae' (did you mean 'name'?)
                - --input jobs=two: expected a whole number, found 'two'
                - --accept-unproven app: that is not an object (write TARGET/OBJECT, as the plan prints it)
                - --skip 1.9: there is no such step (did you mean '1.1'?)
                - --from 2.1: there is no such step (did you mean '1.1'?)
                """)
    }

    @Test func aRoleThatIsNotBoundIsAskedFor() async throws {
        let failure = try await failure { request in
            request.targets = [:]
            request.inputs = [:]
        }
        #expect(failure?.kind == .usage)
        #expect(
            failure?.problem == """
                runbook rebuild cannot run like this:
                - target role 'db' is not bound (add --target db=NAME, with one of app-db, copy-db)
                - input 'jobs' is not given: how many at once (add --input jobs=VALUE)
                """)
    }

    @Test func theOnlyTargetOfItsEngineNeedsNoName() async throws {
        let (world, request) = try await request { $0.targets = [:] }
        let configuration = MemoryWorld.configuration.replacing(
            #"  copy-db: {engine: memory, stage: staging, url: "memory://copy"}"#, with: "")
        let plan = try await world.run(request, configuration).plan()
        #expect(plan.targets.map(\.name) == ["app-db"])
    }

    @Test func whatTheConfigurationLacksIsItsMistake() async throws {
        let failure = try await failure(
            """
            targets:
              app-db: {engine: memory, stage: production, url: "memory://prod"}
            """
        ) { _ in }
        #expect(failure?.kind == .configuration)
        #expect(
            failure?.problem == """
                runbook rebuild cannot run like this:
                - backup role 'dump' has nothing to stand for: no policy of the configuration captures a memory target (add one under `policies:`, or name a backup with --backup dump=ID)
                - application role 'shop' has nothing to stand for: the configuration has no application 'shop' (add it under `apps:`)
                - the runbook tells alert 'ops', which the configuration does not have (add it under `alerts:`)
                """)
    }

    @Test func aBackupThatCouldComeFromTwoPoliciesIsAskedFor() async throws {
        let failure = try await failure(
            MemoryWorld.configuration.replacing(
                "nightly: {targets: {app-db: {}}, store: main}",
                with: "nightly: {targets: {app-db: {}}, store: main}\n  weekly: {targets: {app-db: {}}, store: main}")
        ) { _ in }
        #expect(failure?.kind == .usage)
        #expect(
            failure?.problem == "runbook rebuild cannot run like this: backup role 'dump' could come from nightly/app-db or weekly/app-db")
        #expect(failure?.hint == "name the backup with --backup dump=ID; `lifeboat backups list` shows them")
    }

    @Test func stagingIsFilledFromTheBackupOfProduction() async throws {
        let (world, request) = try await request { $0.targets = ["db": "copy-db"] }
        let plan = try await world.run(request).plan()
        #expect(plan.backups.map { $0.id.hasPrefix("nightly/") && $0.id.hasSuffix("/app-db") } == [true])
    }

    @Test func anAgreementForATargetThatIsNotTouchedIsAMistake() async throws {
        let failure = try await failure { $0.confirmed = ["copy-db"] }
        #expect(failure?.problem == "runbook rebuild cannot run like this: --confirm copy-db: the run does not touch a target 'copy-db'")
    }

    @Test func aBackupThatIsNotThereIsNotFound() async throws {
        let failure = try await failure { $0.backups = ["dump": "nightly/20200101T000000Z-none/app-db"] }
        #expect(failure?.kind == .notFound)
        #expect(failure?.problem == "there is no backup nightly/20200101T000000Z-none/app-db in store 'main'")
    }
}
