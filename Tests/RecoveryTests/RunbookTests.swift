import Documents
import Recovery
import TestSupport
import Testing

@Suite struct RunbookTests {
    private func problems(in runbook: String, drill: String = MemoryWorld.drill) -> [String] {
        let world = MemoryWorld()
        do {
            _ = try world.drill(runbook: runbook, drill: drill)
            return []
        } catch let invalid as InvalidDocument {
            return invalid.diagnostics.filter { $0.file == "runbook.yaml" }.map {
                "\($0.line): \($0.problem)\($0.hint.map { " (\($0))" } ?? "")"
            }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func aSoundRunbookHasNoMistakes() {
        #expect(problems(in: MemoryWorld.runbook) == [])
    }

    @Test func everyMistakeIsFoundAtOnce() {
        let found = problems(
            in: """
                runbook: rebuild
                title: Rebuild
                targets: {db: memory}
                backups: {dump: memory}
                steps:
                  - name: Prove
                    backup.verify: dmp
                  - name: Drop
                    memory.dorp: {database: app, refill: dump}
                  - name: Restore
                    memory.restore: {databse: app, from: dump}
                  - name: Verify
                    memory.verify: {database: app, rows: three}
                """)
        #expect(
            found == [
                "7: backup role 'dmp' is not declared (did you mean 'dump'?)",
                "9: unknown key 'memory.dorp' (did you mean 'memory.drop'?)",
                "11: unknown key 'databse' (did you mean 'database'?)",
                "13: expected a whole number, found 'three'",
            ])
    }

    @Test func aMistakeInTheHeadHidesNoneInTheSteps() {
        let found = problems(
            in: """
                runbook: rebuild
                titel: Rebuild
                targets: {db: memory}
                backups: {dump: memory}
                steps:
                  - name: Prove
                    backup.verify: dmp
                  - name: Drop
                    memory.dorp: {database: app, refill: dump}
                  - name: Restore
                    memory.restore: {database: "${input.name}", from: dump}
                always:
                  - name: Tell
                    memory.fial: engine
                """)
        #expect(
            found == [
                "2: unknown key 'titel' (did you mean 'title'?)",
                "7: backup role 'dmp' is not declared (did you mean 'dump'?)",
                "9: unknown key 'memory.dorp' (did you mean 'memory.drop'?)",
                "14: unknown key 'memory.fial' (did you mean 'memory.fail'?)",
            ])
    }

    /// What may have been declared under the misspelt key is not held to be missing.
    @Test func whereNothingIsCertainNothingIsSaid() {
        let steps = """
            steps:
              - name: Prove
                backup.verify: dump
              - name: Verify
                memory.verify: {database: "${input.name}", rows: three}
            """
        let misspelt = problems(
            in: "runbook: rebuild\ntitle: Rebuild\ntarget: {db: memory}\nbackup: {dump: memory}\ninput: {name: {}}\n" + steps)
        #expect(
            misspelt == [
                "3: unknown key 'target' (did you mean 'targets'?)", "4: unknown key 'backup' (did you mean 'backups'?)",
                "5: unknown key 'input' (did you mean 'inputs'?)", "10: expected a whole number, found 'three'",
            ])
    }

    @Test func undeclaredRolesAreNamed() {
        let found = problems(in: MemoryWorld.runbook.replacing("backup.verify: dump", with: "backup.verify: dmp"))
        #expect(found == ["7: backup role 'dmp' is not declared (did you mean 'dump'?)"])
    }

    @Test func whatIsDestroyedHasToBeFilledAgain() {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n    id: load\n    memory.restore: {database: app, from: dump}\n", with: ""
        ).replacing(#""${step.load.rows}""#, with: "3")
        #expect(
            problems(in: runbook) == [
                "8: 'Drop' destroys what no later step restores from backup 'dump' (add the step that restores it, or say `refill: none` when it is meant to stay empty)"
            ])
    }

    @Test func aStepThatMayNeverRunTwiceHasOneAttempt() {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n", with: "  - name: Call\n    attempts: 2\n    exec: [ring, everybody]\n  - name: Prove\n")
        #expect(problems(in: runbook) == ["6: 'Call' may never run twice, so it cannot have 2 attempts (leave `attempts` out)"])
    }

    /// Told before anything is started, in the document that has to be mended; and once, however often the drill runs it.
    @Test func aCommandThatIsNotSaidToFitADrillKeepsItFromBeginning() throws {
        let runbook =
            MemoryWorld.runbook.replacing("  - name: Prove\n", with: "  - name: Ring\n    exec: [ring, everybody]\n  - name: Prove\n")
            + "\nalways:\n  - name: Hang up\n    exec: {command: [hang, up], in_drills: refuse}\n"
        let hint = "(say `in_drills: skip`, or `in_drills: run` if it is harmless)"
        let mistakes = [
            "6: 'Ring' may reach servers that are not the drill's \(hint)",
            "18: 'Hang up' may reach servers that are not the drill's \(hint)",
        ]
        #expect(problems(in: runbook) == mistakes)
        let run = try #require(MemoryWorld.drill.split(separator: "runs:\n").last)
        #expect(problems(in: runbook, drill: MemoryWorld.drill + "\n" + run) == mistakes)
        let world = MemoryWorld()
        #expect(throws: Never.self, "a real run is free to run it") { try world.runbook(runbook) }
        for word in ["skip", "run"] {
            #expect(
                problems(
                    in: runbook.replacing("exec: [ring, everybody]", with: "exec: {command: [ring, everybody], in_drills: \(word)}")
                        .replacing("in_drills: refuse", with: "in_drills: \(word)")) == [])
        }
    }

    @Test func aCommandOfTheDrillItselfIsHeldToTheSame() {
        let world = MemoryWorld()
        let invalid = #expect(throws: InvalidDocument.self) {
            try world.drill(
                runbook: MemoryWorld.runbook, drill: MemoryWorld.drill + "\ngiven:\n  - name: Prepare\n    exec: [prepare, everything]\n")
        }
        #expect(
            invalid?.diagnostics.map { "\($0.file ?? ""):\($0.line): \($0.problem)" } == [
                "drill.yaml:9: 'Prepare' may reach servers that are not the drill's"
            ])
    }

    @Test func whatADrillDoesWithACommandIsKnownBeforehand() {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Prove\n",
            with: "  - name: Look\n    id: look\n    backup.verify: dump\n  - name: Ring\n"
                + "    exec: {command: [ring], in_drills: \"${step.look.word}\"}\n  - name: Prove\n")
        #expect(problems(in: runbook).count == 1)
        #expect(problems(in: runbook).first?.hasPrefix("10: ") == true)
    }

    @Test func factsComeFromEarlierStepsOnly() {
        let runbook = MemoryWorld.runbook.replacing("step.load.rows", with: "step.lod.rows")
        #expect(problems(in: runbook).count == 1)
        #expect(problems(in: runbook).first?.contains("${step.lod.rows} is not known") == true)
    }

    @Test func ambiguousTargetsAreAskedFor() {
        let runbook = MemoryWorld.runbook.replacing("targets: {db: memory}", with: "targets: {db: memory, other: memory}")
        let world = MemoryWorld()
        let invalid = #expect(throws: InvalidDocument.self) {
            try world.drill(
                runbook: runbook, drill: MemoryWorld.drill.replacing("targets: {db: db}", with: "targets: {db: db, other: db}"))
        }
        #expect(invalid?.diagnostics.map(\.problem) == ["Drop", "Restore", "Verify"].map { "'\($0)' has to say which memory it acts on" })
    }

    @Test func aDrillPromisesNoMoreThanItsPoliciesKeep() throws {
        let world = MemoryWorld()
        func problems(promising rpo: String, allowing limits: String) -> [String] {
            do {
                _ = try world.drill(
                    runbook: MemoryWorld.runbook, drill: MemoryWorld.drill + "\nobjectives: {rpo: \(rpo)}\n",
                    configuration: MemoryWorld.configuration.replacing("store: main}", with: "store: main\(limits)}"))
                return []
            } catch let invalid as InvalidDocument {
                return invalid.diagnostics.map { "\($0.file ?? ""):\($0.line):\($0.column): \($0.problem) (\($0.hint ?? ""))" }
            } catch {
                return ["\(error)"]
            }
        }
        #expect(
            problems(promising: "25h", allowing: ", expect: {max_age: 26h}") == [
                "drill.yaml:8:19: the drill promises 25h, and policy 'nightly' lets backups grow 26h old "
                    + "(take backups more often and lower `max_age`, or promise less)"
            ])
        #expect(problems(promising: "26h", allowing: ", expect: {max_age: 26h}") == [])
        #expect(problems(promising: "1h", allowing: "") == [], "a policy that allows no age promises none")
    }

    @Test func aDrillBindsEveryRoleWhateverElseIsWrongWithIt() {
        let world = MemoryWorld()
        let invalid = #expect(throws: InvalidDocument.self) {
            try world.drill(
                runbook: MemoryWorld.runbook,
                drill: """
                    drill: monthly
                    environment:
                      db: {engine: memory}
                      shop: {app: {command: [shop], uses: bd}}
                    given:
                      - name: Fill
                        target: bd
                        memory.drop: {database: app, refill: none}
                      - name: Misspelt
                        memory.dorp: app
                    runs:
                      - runbook: runbook.yaml
                        targets: {bd: db}
                        inputs: {colour: red}
                      - runbook: runbook.yaml
                        targets: {db: bd}
                        backups: {dump: {policy: nightly, target: app-db, pick: oldest}}
                    objectives: {rpo: never}
                    """)
        }
        #expect(
            invalid?.diagnostics.map { "\($0.line): \($0.problem)" } == [
                "4: the environment has no server 'bd' for application 'shop'", "7: the environment has no server 'bd'",
                "10: unknown key 'memory.dorp'", "12: target role 'db' of runbook rebuild is not bound",
                "12: backup role 'dump' of runbook rebuild is not bound", "13: runbook rebuild has no target role 'bd'",
                "14: runbook rebuild has no input 'colour'", "16: the environment has no server 'bd'", "17: 'oldest' is not one of latest",
                "18: 'never' is not a duration",
            ])
    }
}
