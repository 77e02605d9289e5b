import Documents
import Recovery
import TestSupport
import Testing

/// Two stores, each restored by its own runbook, and then held against each other.
@Suite(.timeLimit(.minutes(1))) struct AcrossTests {
    private let world = MemoryWorld()

    private static let drill = """
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
        across:
          - name: Every row has its point
            references.verify: {from: {target: db, database: app}, to: {target: vectors, database: app}}
        """

    private func conduct(rows: [Int], points: [Int], _ drill: String = Self.drill) async throws -> RunResult {
        _ = try await world.putSet(targets: ["app-db", "points"], rowsOf: ["app-db": rows, "points": points])
        return try await world.conductor(world.drill(runbook: MemoryWorld.runbook, drill: drill)).conduct().result
    }

    @Test func storesThatBelongTogetherPass() async throws {
        let result = try await conduct(rows: [1, 2, 3], points: [1, 2, 3, 4])
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(result.parts.map(\.kind) == [.runbook, .runbook, .across])
        let step = try #require(result.parts.last?.steps.first)
        #expect(step.path == "across.1")
        #expect(step.status == .passed)
        #expect(step.checks.first?.subject == "app on 'db'")
        #expect(step.checks.first?.aspect == "found in app on 'vectors'")
        #expect(step.facts["references"] == .integer(3))
        let start = try #require(step.attempts.first?.offsetSeconds)
        let last = try #require(result.parts[1].steps.last?.attempts.last)
        #expect(start >= last.offsetSeconds + last.tookSeconds, "after the last run")
        #expect(!world.store.keys.filter { $0.contains("-proof-") }.isEmpty)
    }

    @Test func aPointThatIsMissingFailsTheDrillAndProvesNothing() async throws {
        let result = try await conduct(rows: [1, 2, 3, 200], points: [1, 2, 3, 4])
        #expect(result.outcome == .failed)
        #expect(result.exitCode == 2)
        #expect(result.failedStep == "across.1")
        #expect(
            result.failure?.problem
                == "verification found differences: app on 'db', found in app on 'vectors': expected 4 found, found 3 found; missing: 200")
        #expect(!world.store.keys.contains { $0.contains("/notes/") }, "a drill that failed proves nothing")
        #expect(world.provider.running == 0)
    }

    @Test func whenARunFailsNothingIsHeldAgainstAnything() async throws {
        let result = try await conduct(
            rows: [1], points: [1], Self.drill.replacing("    targets: {db: vectors}", with: "    targets: {db: vectors}"))
        #expect(result.outcome == .passed)
        let broken = MemoryWorld()
        _ = try await broken.putSet(targets: ["app-db", "points"])
        let runbook = MemoryWorld.runbook.replacing(#""${step.load.rows}""#, with: "4")
        let failed = try await broken.conductor(broken.drill(runbook: runbook, drill: Self.drill)).conduct().result
        #expect(failed.failedStep == "1.4")
        #expect(failed.parts.last?.steps.first?.status == .notReached)
    }

    /// What is in the stores was not compared with any backup.
    @Test func thatStoresBelongTogetherIsNoVerificationOfThem() async throws {
        _ = try await world.putSet(targets: ["app-db", "points"])
        let runbook = MemoryWorld.runbook.split(separator: "\n").dropLast(2).joined(separator: "\n")
        let result = try await world.conductor(world.drill(runbook: runbook, drill: Self.drill)).conduct().result
        #expect(result.outcome == .unverified)
        #expect(result.exitCode == 2)
    }

    @Test func aPlaceThatIsNotThereIsAFinding() async throws {
        let drill = Self.drill.replacing("{target: vectors, database: app}", with: "{target: vectors, database: other}")
        let result = try await conduct(rows: [1], points: [1], drill)
        #expect(result.outcome == .failed)
        #expect(result.parts.last?.steps.first?.checks.first?.actual == "there is no database 'other'")
        #expect(result.parts.last?.steps.first?.checks.first?.verdict == .undetermined)
    }

    @Test func aRunbookWithTwoRolesCanCheckThemToo() async throws {
        let world = MemoryWorld(given: ["app": [1, 2], "points": [1]])
        _ = try await world.putBackup()
        let runbook =
            MemoryWorld.runbook.replacing("targets: {db: memory}", with: "targets: {db: memory, other: memory}").replacing(
                "    memory.", with: "    target: db\n    memory.")
                + """

                  - name: Together
                    references.verify:
                      from: {target: other, database: points}
                      to: {target: db, database: app}
                      sample: {size: 5, seed: 3}
                """
        let drill = MemoryWorld.drill.replacing("db: {engine: memory}", with: "db: {engine: memory}\n  side: {engine: memory}")
            .replacing("targets: {db: db}", with: "targets: {db: db, other: side}")
        let result = try await world.conductor(world.drill(runbook: runbook, drill: drill)).conduct().result
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(result.parts[0].steps.last?.checks.first?.tolerance == "sample of 5 by seed 3, out of 1")
    }
}

/// What is wrong with cross-references is told before anything is started.
@Suite struct AcrossLintTests {
    private func problems(_ across: String) -> [String] {
        let world = MemoryWorld()
        do {
            _ = try world.drill(runbook: MemoryWorld.runbook, drill: MemoryWorld.drill + "\nacross:\n" + across)
            return []
        } catch let invalid as InvalidDocument {
            return invalid.diagnostics.map { "\($0.line): \($0.problem)\($0.hint.map { " (\($0))" } ?? "")" }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func aServerThatThereIsNotIsNamed() {
        #expect(
            problems("  - name: Refer\n    references.verify: {from: {target: db, database: app}, to: {target: bd, database: app}}") == [
                "10: the environment has no server 'bd' (did you mean 'db'?)"
            ])
    }

    @Test func aPlaceIsToldInTheWordsOfItsEngine() {
        #expect(
            problems(
                "  - name: Refer\n    references.verify: {from: {target: db, table: t, column: c}, to: {target: db, database: app, field: x}}"
            )
                == [
                    "10: a place on memory needs `database:` (it is told by `database:`)",
                    "10: a place on memory has no `field:` (it is told by `database:`)",
                ])
    }

    @Test func onlyWhatComparesServersStandsThere() {
        #expect(
            problems("  - name: Drop\n    memory.drop: {database: app}").first?.hasPrefix(
                "9: 'Drop' does not belong under `across:`, which compares servers with each other") == true)
    }

    @Test func aRoleThatIsNotDeclaredIsNamed() {
        let world = MemoryWorld()
        let runbook =
            MemoryWorld.runbook
            + "\n  - name: Refer\n    references.verify: {from: {target: db, database: app}, to: {target: points, database: app}}\n"
        let invalid = #expect(throws: InvalidDocument.self) { try world.drill(runbook: runbook) }
        #expect(invalid?.diagnostics.map(\.problem) == ["target role 'points' is not declared"])
    }
}
