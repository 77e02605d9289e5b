import FoundationEssentials
import TestSupport
import Testing

/// The built program, as a person or a script calls it.
@Suite(.timeLimit(.minutes(2))) struct CommandLineTests {
    private let lifeboat: Program
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/lifeboat-cli-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        lifeboat = try Program("lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder])
    }

    private func done() { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    @Test func withoutWordsItSaysWhatItCan() async throws {
        defer { done() }
        let help = try await lifeboat()
        #expect(help.code == 0)
        for command in ["drill", "backup", "backups", "lint", "schema", "resume", "sweep", "report", "check", "demo", "images"] {
            #expect(help.output.contains("\n  \(command) "), "\(command)")
        }
        #expect(help.errors.isEmpty)
    }

    @Test func itsVersionIsToldHoweverItIsAskedFor() async throws {
        defer { done() }
        for json in [[], ["--json"]] {
            let asked = try await lifeboat.run(["version"] + json)
            let option = try await lifeboat.run(["--version"] + json)
            #expect(option.code == 0)
            #expect(option.output == asked.output)
        }
        #expect(try await lifeboat("--version").output.hasPrefix("lifeboat "))
        #expect(try await lifeboat("lint", "--version").code == 64)
    }

    @Test func wrongWordsAreExplained() async throws {
        defer { done() }
        let cases: [([String], Int32, String)] = [
            (["dril"], 64, "error: there is no command 'dril'\n  hint: did you mean 'drill'?\n"),
            (
                ["drill"], 64,
                "error: the path of a drill is missing\n  hint: it begins with lifeboat drill DRILL…; `lifeboat drill --help` says all that it takes\n"
            ),
            (["drill", "x.yaml", "--sed", "4"], 64, "error: unknown option --sed\n  hint: did you mean --seed?\n"),
            (
                ["drill", "x.yaml", "--seed", "four"], 64,
                "error: --seed 'four' is not a whole number\n  hint: it begins with lifeboat drill DRILL…; `lifeboat drill --help` says all that it takes\n"
            ),
            (["schema", "runbok"], 64, "error: there is no schema 'runbok'\n  hint: did you mean 'runbook'?\n"),
            (
                ["backups", "show", "nightly"], 64,
                "error: 'nightly' is not the id of a backup\n  hint: it looks like POLICY/SET/TARGET; `lifeboat backups list` shows them\n"
            ),
            (["images"], 64, "error: the path of a drill is missing\n  hint: `lifeboat images --help` says all that it takes\n"),
            (["images", "pull"], 64, "error: the path of a drill is missing\n  hint: `lifeboat images --help` says all that it takes\n"),
            (["images", "load"], 64, "error: the file to load is missing\n  hint: `lifeboat images --help` says all that it takes\n"),
            (["images", "save", "x.yaml"], 64, "error: --file FILE is missing\n  hint: it names the file that the images go into\n"),
            (
                ["images", "x.yaml", "--file", "y"], 64,
                "error: --file is for save and load\n  hint: `lifeboat images --help` says all that it takes\n"
            ),
            (
                ["run", "x.yaml", "--disaster-at", "yesterday"], 64,
                "error: --disaster-at 'yesterday' is not a time\n  hint: write it as 2026-11-20T02:00:00Z\n"
            ),
            (["report"], 66, "error: there are no runs yet\n  hint: `lifeboat drill DRILL` makes one\n"),
            (
                ["backup", "nightly"], 78,
                "error: there is no configuration: no ./lifeboat.yaml, no \(folder)/.config/lifeboat/lifeboat.yaml and no /etc/lifeboat/lifeboat.yaml\n  hint: write one of these, or name another with --config or $LIFEBOAT_CONFIG; `lifeboat schema configuration` says what it holds\n"
            ),
            (
                ["lint", "--config", "gone.yaml"], 78,
                "error: there is no configuration at gone.yaml\n  hint: --config names it; correct that, or create the file\n"
            ),
        ]
        for (words, code, errors) in cases {
            let ended = try await lifeboat.run(words)
            #expect(ended.code == code, "\(words)")
            #expect(ended.errors == errors, "\(words)")
            #expect(ended.output == "", "\(words)")
        }
    }

    @Test func aDisasterThatIsStillToComeIsAMistakeOfTheCommand() async throws {
        defer { done() }
        try write("lifeboat.yaml", "stores: {main: {directory: store}}\n")
        try write("mine.yaml", "runbook: mine\ntitle: Mine\nsteps: [{name: Mark, exec: [touch, mark]}]\n")
        let ended = try await lifeboat("run", "mine.yaml", "--disaster-at", "9999-01-01T00:00:00Z")
        #expect(ended.code == 64)
        #expect(
            ended.errors.hasPrefix("error: --disaster-at 9999-01-01T00:00:00.000Z lies in the future\n  hint: it is "), "\(ended.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/mark"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/state/runs"))
    }

    private func lint(steps: String) async throws -> TestSupport.Program.Ended {
        let head = "runbook: mine\ntitle: Mine\ntargets: {db: postgres}\nbackups: {dump: postgres}\nsteps:\n"
        try write("mine.yaml", head + steps)
        return try await lifeboat("lint", "mine.yaml")
    }

    /// One keeps a step from being read, the other is the name of something that is not there.
    @Test func mistakesOfDifferentKindsAreToldTogether() async throws {
        defer { done() }
        let ended = try await lint(
            steps: """
                  - name: Prove
                    backup.verify: dump
                    timeot: 2h
                  - name: Drop
                    postgres.drop-database: {database: app, refill: dmup}
                """)
        #expect(ended.code == 65)
        #expect(ended.errors.contains("mine.yaml:8:5: unknown key 'timeot'"), "\(ended.errors)")
        #expect(ended.errors.contains("backup role 'dmup' is not declared"), "\(ended.errors)")
        #expect(ended.errors.contains("did you mean 'dump'?"), "\(ended.errors)")
    }

    /// The configuration, its names and the runbooks that it names: nothing waits for anything else.
    @Test func aConfigurationIsToldAboutInOneGo() async throws {
        defer { done() }
        try write("mine.yaml", "runbook: mine\ntitle: Mine\nsteps: []\n")
        try write(
            "lifeboat.yaml",
            """
            targets: {library: {engine: postgres, url: "postgres://localhost/library", stage: prod}}
            stores: {main: {directory: store}}
            policies:
              nightly: {targets: {library: mine.yaml}, store: mian}
              weekly: {targets: {library: yours.yaml}, store: main}
            """)
        let ended = try await lifeboat("lint")
        #expect(ended.code == 78)
        for words in [
            "lifeboat.yaml:1:83: 'prod' is not", "lifeboat.yaml:4:51: there is no store 'mian'",
            "mine.yaml:3:8: 'steps' has to be a list of at least 1",
            "the runbook that policy 'weekly' names for 'library' is not there",
        ] {
            #expect(ended.errors.contains(words), "\(words) in \(ended.errors)")
        }
    }

    /// The runbook is sound by itself; the drill cannot have it, and says so before it starts anything.
    @Test func aDrillThatWouldRefuseACommandDoesNotBegin() async throws {
        defer { done() }
        try write("lifeboat.yaml", "stores: {main: {directory: store}}\n")
        try write("mine.yaml", "runbook: mine\ntitle: Mine\nsteps:\n  - name: Mark\n    exec: [touch, mark]\n")
        try write("monthly.yaml", "drill: monthly\nenvironment: {}\nruns: [{runbook: mine.yaml}]\n")
        for words in [["lint", "monthly.yaml", "mine.yaml"], ["drill", "monthly.yaml"]] {
            let ended = try await lifeboat.run(words)
            #expect(ended.code == 65, "\(words)")
            #expect(
                ended.errors == """
                    \(folder)/mine.yaml:4:5: 'Mark' may reach servers that are not the drill's
                          - name: Mark
                            ^
                        hint: say `in_drills: skip`, or `in_drills: run` if it is harmless

                    """, "\(words)")
            #expect(ended.output == (words[0] == "lint" ? "mine.yaml: no mistakes (runbook)\n" : ""))
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/mark"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/state/runs"))
    }

    @Test func twoTypingErrorsAreBothExplained() async throws {
        defer { done() }
        let ended = try await lint(
            steps: """
                  - name: Prove
                    backup.verfy: dump
                  - name: Restore
                    postgres.restore: {databse: app, from: dump}
                """)
        #expect(ended.code == 65)
        #expect(ended.output == "")
        #expect(
            ended.errors.hasPrefix(
                """
                mine.yaml:7:5: unknown key 'backup.verfy'
                        backup.verfy: dump
                        ^~~~~~~~~~~~
                    hint: did you mean 'backup.verify'?
                mine.yaml:9:24: unknown key 'databse'
                        postgres.restore: {databse: app, from: dump}
                                           ^~~~~~~
                    hint: did you mean 'database'?

                """), "\(ended.errors)")
    }

    @Test func mistakesInTheConfigurationHaveACodeOfTheirOwn() async throws {
        defer { done() }
        try write("lifeboat.yaml", "polices: {}\nstore: {}\n")
        try write("mine.yaml", "runbook: mine\ntitle: Mine\nsteps: [{name: Ring, exec: [true]}]\n")
        try write("drill.yaml", "drill: monthly\nruns: []\n")
        let mistakes = """
            lifeboat.yaml:1:1: unknown key 'polices'
                polices: {}
                ^~~~~~~
                hint: did you mean 'policies'?
            lifeboat.yaml:2:1: unknown key 'store'
                store: {}
                ^~~~~
                hint: did you mean 'stores'?

            """
        for words in [
            ["backup", "nightly"], ["backups"], ["plan", "mine.yaml"], ["run", "mine.yaml"], ["drill", "drill.yaml"],
            ["restore", "nightly"],
            ["resume"], ["report"], ["sweep"], ["lint"], ["lint", "lifeboat.yaml", "mine.yaml"],
        ] {
            let ended = try await lifeboat.run(words)
            #expect(ended.code == 78, "\(words)")
            #expect(ended.errors == mistakes, "\(words)")
        }
        #expect(try await lifeboat("check").code == 3)
        let doctor = try await lifeboat("doctor")
        #expect(doctor.code == 1)
        #expect(
            doctor.output.contains(
                """
                MISSING  configuration: 2 mistakes, the first is lifeboat.yaml line 1: unknown key 'polices'
                         hint: `lifeboat lint` shows every mistake
                """), "\(doctor.output)")
        // What has no use for a configuration does not mind.
        for words in [["lint", "mine.yaml"], ["schema", "drill"], ["reference", "exec"], ["version"]] {
            #expect(try await lifeboat.run(words).code == 0, "\(words)")
        }
        // A drill is held against the configuration, so both are told.
        let drill = try await lifeboat("lint", "drill.yaml")
        #expect(drill.code == 78)
        #expect(drill.errors.contains(mistakes) && drill.errors.contains("drill.yaml:1:1: "), "\(drill.errors)")
    }

    @Test func whereServersComeFromIsLookedAtAsItIsAskedFor() async throws {
        defer { done() }
        let server = "disposable postgres: its server programs are here"
        var nowhere = lifeboat
        nowhere.environment["DOCKER_HOST"] = "unix://\(folder)/nobody.sock"
        for (word, lines) in [
            ("docker", ["MISSING  container engine: "]), ("process", ["well     \(server)"]),
            ("auto", ["remark   container engine: ", "well     \(server)"]),
        ] {
            nowhere.environment["LIFEBOAT_ENVIRONMENT"] = word
            let output = try await nowhere("doctor").output
            for line in lines { #expect(output.contains(line), "\(word): \(output)") }
            #expect(output.contains("container engine") == (word != "process"))
            #expect(output.contains("disposable") == (word != "docker"))
        }
        nowhere.environment["LIFEBOAT_ENVIRONMENT"] = "dokcer"
        let wrong = try await nowhere("doctor")
        #expect(wrong.code == 1)
        #expect(wrong.output.contains("MISSING  disposable servers: $LIFEBOAT_ENVIRONMENT: "), "\(wrong.output)")
    }

    @Test func aRunbookThatOnlyTheConfigurationNamesIsReadToo() async throws {
        defer { done() }
        try write(
            "lifeboat.yaml",
            """
            targets: {app: {engine: postgres, url: "postgres://a@b/c"}, other: {engine: postgres, url: "postgres://a@b/d"}}
            stores: {main: {directory: store}}
            policies: {nightly: {targets: {app: {runbook: gone.yaml}, other: {runbook: broken.yaml}}, store: main}}
            """)
        try write("broken.yaml", "runbook: broken\n")
        let ended = try await lifeboat("lint")
        #expect(ended.code == 78)
        #expect(ended.errors.contains("broken.yaml:1:1: "), "\(ended.errors)")
        #expect(ended.errors.contains("error: the runbook that policy 'nightly' names for 'app' is not there"), "\(ended.errors)")
    }

    @Test func machinesReadMistakesToo() async throws {
        defer { done() }
        try write("mine.yaml", "runbook: mine\ntitle: Mine\nsteps: [{name: Ring, exce: [true]}]\n")
        let ended = try await lifeboat("lint", "mine.yaml", "--json")
        #expect(ended.code == 65)
        struct Row: Decodable {
            struct Mistake: Decodable { let line: Int, column: Int, problem: String, hint: String? }
            let file: String, kind: String, mistakes: [Mistake]
        }
        struct Shown: Decodable { let files: [Row] }
        let rows = try JSONDecoder().decode(Shown.self, from: Data(ended.output.utf8)).files
        #expect(rows.map(\.file) == ["mine.yaml"])
        #expect(rows.first?.mistakes.first?.problem == "unknown key 'exce'")
        #expect(rows.first?.mistakes.first?.hint == "did you mean 'exec'?")
        #expect(rows.first?.mistakes.first.map { "\($0.line):\($0.column)" } == "3:22")

        struct Refusal: Decodable {
            struct Failure: Decodable { let kind: String, problem: String, hint: String? }
            let failure: Failure, exitCode: Int
        }
        let refused = try await lifeboat("backup", "nightly", "--json")
        let refusal = try JSONDecoder().decode(Refusal.self, from: Data(refused.output.utf8))
        #expect(refusal.failure.kind == "configuration")
        #expect(refusal.exitCode == 78)
        #expect(refused.errors.hasPrefix("error: there is no configuration"))
    }

    @Test func hostileNamesDoNotReachTheTerminal() async throws {
        defer { done() }
        try write("evil.yaml", "runbook: a\ntitle: \"\\e]0;owned\\a\\u202e\"\nstepz: []\n")
        let ended = try await lifeboat("lint", "evil.yaml")
        #expect(ended.code == 65)
        #expect(!ended.errors.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E || $0.value == 7 })
        let named = try await lifeboat("\u{1B}[2J")
        #expect(named.code == 64)
        #expect(!named.errors.unicodeScalars.contains { $0.value == 0x1B })
    }

    @Test func aConfigurationWithASecretInItIsRefusedWithoutShowingIt() async throws {
        defer { done() }
        try write(
            "lifeboat.yaml",
            """
            targets:
              app: {engine: postgres, url: "postgres://backup@db/app", password: hunter22}
            """)
        let ended = try await lifeboat("lint")
        #expect(ended.code == 78)
        #expect(ended.errors.contains("a secret stands here in clear text"))
        #expect(!ended.errors.contains("hunter22"))
    }

    @Test func aTargetCannotHaveTheNameOfWhatLiesBesideIt() async throws {
        defer { done() }
        try write("lifeboat.yaml", "targets:\n  notes: {engine: postgres, url: \"postgres://a@b/c\"}\n")
        let ended = try await lifeboat("lint")
        #expect(ended.code == 78)
        #expect(
            ended.errors == """
                lifeboat.yaml:2:3: a target cannot be called 'notes'
                      notes: {engine: postgres, url: "postgres://a@b/c"}
                      ^~~~~
                    hint: every recovery set has a file or folder of that name beside its targets

                """)
    }

    @Test func theReferenceKnowsEveryStepAndItsKeys() async throws {
        defer { done() }
        let all = try await lifeboat("reference")
        #expect(all.code == 0)
        for step in ["backup.verify", "backup.take", "app.stop", "app.start", "app.healthy", "exec", "manual", "confirm", "notify"] {
            #expect(all.output.contains("### `\(step)`\n"), "\(step)")
        }
        for step in ["drop-database", "create-database", "restore", "sql", "verify", "terminate-connections"] {
            #expect(all.output.contains("### `postgres.\(step)`\n"), "\(step)")
        }
        #expect(all.output.contains("| `on_failure` |"))
        #expect(all.output.contains("| `policies.NAME.keep.last` |") || all.output.contains("`policies.NAME.expect.max_age`"))
        let one = try await lifeboat("reference", "exec")
        #expect(one.output.contains("| `in_drills` | one of run, skip, refuse | `refuse` |"), "\(one.output)")
        #expect(try await lifeboat("reference", "exc").errors == "error: there is no step 'exc'\n  hint: did you mean 'exec'?\n")
    }

    @Test func colourIsForTerminalsOnly() async throws {
        defer { done() }
        let plain = try await lifeboat("dril")
        #expect(!plain.errors.contains("\u{1B}["))
        var forced = lifeboat
        forced.environment["CLICOLOR_FORCE"] = "1"
        #expect(try await forced("dril").errors.contains("\u{1B}["))
        forced.environment["NO_COLOR"] = "1"
        #expect(try await !forced("dril").errors.contains("\u{1B}["))
    }

    @Test func jsonIsJSONAndNothingElse() async throws {
        defer { done() }
        let ended = try await lifeboat("version", "--json")
        #expect(ended.output == "{\n  \"schema\" : \"lifeboat.version/1\",\n  \"version\" : \"0.1.0\"\n}\n")
    }
}
