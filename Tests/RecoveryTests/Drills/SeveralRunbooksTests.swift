import Recovery
import TestSupport
import Testing

/// One drill, several runbooks: one after the other in one environment, with one verdict.
@Suite(.timeLimit(.minutes(1))) struct SeveralRunbooksTests {
    private let world = MemoryWorld()
    private let first = MemoryWorld.runbook + "\nalways:\n  - name: Light\n    exec: {command: [app, start, lamp], in_drills: run}\n"
    private let second = """
        runbook: recount
        title: Count once more
        targets: {store: memory}
        steps:
          - name: Count
            memory.verify: {database: app, rows: 3}
          - name: Clear
            memory.drop: {database: other, refill: none}
        always:
          - name: Ring
            exec: {command: [app, start, bell], in_drills: run}
        """
    private let drill = MemoryWorld.drill + "\n  - runbook: second.yaml\n    targets: {store: db}\n"

    private func conduct(_ first: String, _ second: String) async throws -> RunResult {
        _ = try await world.putBackup()
        return try await world.conductor(world.drill(runbook: first, others: ["second.yaml": second], drill: drill)).conduct().result
    }

    private func statuses(_ result: RunResult) -> [String] {
        result.parts.flatMap(\.steps).map { "\($0.path) \($0.name): \($0.status.rawValue)" }
    }

    @Test func theyRunInOrderInOneEnvironment() async throws {
        let result = try await conduct(first, second)
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(
            statuses(result) == [
                "1.1 Prove: passed", "1.2 Drop: passed", "1.3 Restore: passed", "1.4 Verify: passed", "2.1 Count: passed",
                "2.2 Clear: passed", "always-1.1 Light: passed", "always-2.1 Ring: passed",
            ])
        #expect(world.provider.started == 1)
        #expect(world.provider.last?.acts.last == "drop other", "what the first restored is what the second finds")
        #expect(world.apps.acts == ["start lamp", "start bell"])
        #expect(result.parts.map(\.name) == ["rebuild", "recount", "rebuild", "recount"])
        #expect(result.parts[1].bindings == [.init(.target, "store", "db")], "each has roles of its own")
        #expect(result.evidence.documents.map(\.path) == ["/drill.yaml", "/runbook.yaml", "/second.yaml"])
    }

    @Test func aDifferenceInTheSecondIsTheVerdictOnBoth() async throws {
        let result = try await conduct(first, second.replacing("rows: 3", with: "rows: 4"))
        #expect(result.outcome == .failed)
        #expect(result.exitCode == 2)
        #expect(result.failedStep == "2.1")
        #expect(
            statuses(result) == [
                "1.1 Prove: passed", "1.2 Drop: passed", "1.3 Restore: passed", "1.4 Verify: passed", "2.1 Count: failed",
                "2.2 Clear: not-reached", "always-1.1 Light: passed", "always-2.1 Ring: passed",
            ])
        #expect(!world.store.keys.contains { $0.contains("/notes/") }, "a drill that failed proves nothing")
    }

    @Test func whenTheFirstFailsTheSecondIsNotBegun() async throws {
        let result = try await conduct(first.replacing(#""${step.load.rows}""#, with: "4"), second)
        #expect(result.outcome == .failed)
        #expect(result.failedStep == "1.4")
        #expect(
            statuses(result) == [
                "1.1 Prove: passed", "1.2 Drop: passed", "1.3 Restore: passed", "1.4 Verify: failed", "2.1 Count: not-reached",
                "2.2 Clear: not-reached", "always-1.1 Light: passed", "always-2.1 Ring: passed",
            ])
        #expect(world.provider.last?.databases == ["app": [1, 2, 3]], "nothing of the second was done")
        #expect(result.objectives.rtoSeconds == nil, "a recovery that was not carried through took no time")
    }

    /// The same runbook can be drilled for two databases: then every id is there twice.
    @Test func anIdBelongsToItsOwnRunbook() async throws {
        let counting = first + "  - name: Count again\n    memory.verify: {database: app, rows: \"${step.load.rows}\"}\n"
        let result = try await conduct(counting, second.replacing("  - name: Count\n", with: "  - name: Count\n    id: load\n"))
        #expect(result.outcome == .passed, "\(result.notices)")
        #expect(statuses(result).contains("always-1.2 Count again: passed"))
    }

    @Test func aFactOfAnotherRunbookIsNotThere() async throws {
        let asking = second.replacing(
            "steps:\n", with: "steps:\n  - name: Load\n    id: load\n    when: failed\n    memory.verify: {database: app, rows: 3}\n"
        ).replacing("app, rows: 3}\n  - name: Clear", with: "app, rows: \"${step.load.rows}\"}\n  - name: Clear")
        let result = try await conduct(first, asking)
        #expect(result.outcome == .broke(.document), "\(statuses(result))")
        #expect(result.failedStep == "2.2")
    }

    /// Every look at the clock takes a millisecond here, and an attempt that finds nobody is followed by a pause of five seconds.
    @Test func eachRunbookIsJudgedByItsOwnTime() async throws {
        _ = try await world.putBackup()
        let flaky = second.replacing(
            "  - name: Count\n", with: "  - name: Stumble\n    attempts: 2\n    memory.flaky: {database: other}\n  - name: Count\n")
        func result(_ rto: String) async throws -> RunResult {
            let drill = self.drill + "    rto: \(rto)\nobjectives: {rto: 1h}\n"
            return try await world.conductor(world.drill(runbook: first, others: ["second.yaml": flaky], drill: drill)).conduct().result
        }
        let missed = try await result("4s")
        #expect(missed.outcome == .objectiveMissed, "\(missed.failure?.problem ?? "")")
        #expect(missed.exitCode == 4)
        #expect(missed.objectives.rtoMet == true, "all together held what was promised of them")
        #expect(missed.parts.prefix(2).map(\.rtoMet) == [nil, false])
        let whole = try #require(missed.objectives.rtoSeconds)
        let parts = missed.parts.prefix(2).compactMap(\.rtoSeconds)
        #expect(parts.count == 2)
        #expect(parts[0] + parts[1] <= whole)
        let met = try await result("6min")
        #expect(met.outcome == .passed, "\(met.failure?.problem ?? "")")
        #expect(met.parts.prefix(2).map(\.rtoMet) == [nil, true])
    }

    @Test func eachRunbookProvesOnlyWhatItComparedItself() async throws {
        let world = try await MemoryWorld.real()
        let set = try #require(try await world.takeBackups().manifests.first).id.set
        let reload = """
            runbook: reload
            title: Load without looking
            targets: {store: memory}
            backups: {dump: memory}
            steps:
              - name: Load
                memory.restore: {database: copy, from: dump}
            """
        let drill = self.drill + "    backups: {dump: {policy: nightly, target: copy-db}}\n"
        let ended = try await world.conductor(
            world.drill(runbook: MemoryWorld.runbook, others: ["second.yaml": reload], drill: drill)
        ).conduct()
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        let notes = try await Catalog(store: world.store, digests: world.digests, inventories: PlainInventories()).notes(of: "nightly", set)
        #expect(notes.filter { $0.kind == .proof }.flatMap(\.manifests.keys) == ["app-db"])
        #expect(notes.filter { $0.kind == .rehearsal }.flatMap(\.manifests.keys) == ["copy-db"])
    }
}
