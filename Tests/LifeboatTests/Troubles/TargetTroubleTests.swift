import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// What the built program says and leaves when a target is not as it should be.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct TargetTroubleTests {
    @Test func aWrongPassword() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        _ = try await site.backUp()
        try site.writeSecret("password", "wrong")
        let words = """
            error: cannot log in to database '\(site.database)' on 'app-db' (127.0.0.1:\(site.port)) as 'postgres'
              because: connection to server at "127.0.0.1", port \(site.port) failed: FATAL:  password authentication failed for user "postgres" (28P01)
              hint: check user and password, and the server's pg_hba.conf
            """
        try await site.lifeboat("backup", "nightly").expect(77, words)
        let restore = try await site.lifeboat("restore", "nightly", "--confirm", "app-db", "--json")
        #expect(restore.code == 77)
        let result = try CanonicalJSON.decode(RunResult.self, from: Array(restore.output.utf8))
        #expect(result.failure?.kind == .credentials)
        #expect(result.failure?.hint == "check user and password, and the server's pg_hba.conf")
        let journal = try await site.lifeboat("report", "--json")
        #expect(try CanonicalJSON.decode(RunResult.self, from: Array(journal.output.utf8)).exitCode == 77)
        #expect(try await site.lifeboat("doctor").code == 1)
        #expect(try await site.notes == "500")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aServerThatIsDown() async throws {
        let site = try await TroubleSite.make()
        let listener = try RawServer()
        listener.stop()
        try site.configure("down.yaml", replacing: ":\(site.port)/", with: ":\(listener.port)/")
        try await site.lifeboat("backup", "nightly", "--config", "down.yaml").expect(
            1,
            """
            error: cannot log in to database '\(site.database)' on 'app-db' (127.0.0.1:\(listener.port)) as 'postgres'
              because: connection to server at "127.0.0.1", port \(listener.port) failed: Connection refused
              hint: check that the server runs, that host and port are right and that no firewall is between
            """)
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aServerThatAcceptsAndNeverAnswers() async throws {
        let site = try await TroubleSite.make()
        let silent = try RawServer()
        try site.configure("hang.yaml", replacing: ":\(site.port)/\(site.database)", with: ":\(silent.port)/app?connect_timeout=1")
        try await site.lifeboat("backup", "nightly", "--config", "hang.yaml").expect(
            1,
            """
            error: cannot log in to database 'app' on 'app-db' (127.0.0.1:\(silent.port)) as 'postgres'
              because: no connection to postgres@127.0.0.1:\(silent.port)/app within 1.0 seconds
              hint: host and port take the connection or swallow it, and nobody answers: is the server stopped, overloaded or behind a firewall? `?connect_timeout=SECONDS` in the url says how long is waited
            """)
        silent.stop()
        try site.expectNothingLeft()
        try await site.remove()
    }

    /// Not one time limit per step: who waits for a plan is in an outage.
    @Test func aPlanWaitsOnceForAServerThatNeverAnswers() async throws {
        let site = try await TroubleSite.make()
        _ = try await site.backUp()
        let silent = try RawServer { connection, _ in connection.read(until: "never") }
        try site.configure("hang.yaml", replacing: ":\(site.port)/\(site.database)", with: ":\(silent.port)/app?connect_timeout=1")
        let plan = try await site.lifeboat("plan", "rebuild.yaml", "--config", "hang.yaml", "--input", "database=app")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(
            plan.output.inOneLine.contains("no connection to postgres@127.0.0.1:\(silent.port)/app within 1.0 seconds"), "\(plan.output)")
        #expect(silent.connections == 1)
        silent.stop()
        try site.expectNothingLeft()
        try await site.remove()
    }

    /// That it will not do is known before anything is done: the application goes on working with the database that there is.
    @Test func aServerThatLacksARoleIsRefusedBeforeTheApplicationIsStopped() async throws {
        let site = try await TroubleSite.make()
        let role = "keeper_\(randomHex(4))"
        try await site.ask("CREATE ROLE \(role)")
        try await site.ask("ALTER TABLE notes OWNER TO \(role)")
        let backup = try await site.backUp()
        try await site.ask("ALTER TABLE notes OWNER TO postgres")
        try await site.ask("DROP ROLE \(role)")
        try site.configure(
            "apps.yaml", replacing: "stores:\n",
            with: """
                apps:
                  shop:
                    stop: {command: [/usr/bin/touch, \(site.folder)/stopped]}
                    start: {command: [/bin/true]}
                    healthy: {command: [/bin/false]}
                stores:

                """)
        let runbook = TroubleSite.runbook.replacing("inputs:", with: "apps: [shop]\ninputs:").replacing(
            "  - name: Disconnect\n", with: "  - name: Stop\n    app.stop: shop\n  - name: Disconnect\n")
        try site.write("stopping.yaml", runbook)
        let words = ["stopping.yaml", "--config", "apps.yaml", "--input", "database=\(site.database)"]
        let plan = try await site.lifeboat.run(["plan"] + words)
        let lack = "'app-db' (127.0.0.1:\(site.port)) lacks roles that own objects or hold rights in backup \(backup): \(role)"
        #expect(plan.output.inOneLine.contains("step 1.6 'Restore': \(lack)"), "\(plan.output)\(plan.errors)")
        let run = try await site.lifeboat.run(["run"] + words + ["--confirm", "app-db"])
        #expect(run.code == 1, "\(run.errors)")
        #expect(run.errors.contains("error: \(lack)"), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(site.folder)/stopped"))
        #expect(try await site.notes == "500")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aPortThatSomethingElseHasTaken() async throws {
        let site = try await TroubleSite.make()
        let other = try RawServer { connection, _ in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.read(until: "never")
        }
        try site.configure("other.yaml", replacing: ":\(site.port)/", with: ":\(other.port)/")
        let backup = try await site.lifeboat("backup", "nightly", "--config", "other.yaml")
        #expect(backup.code == 1)
        #expect(backup.errors.contains(": that is not PostgreSQL\n  hint: check that the server runs"), "\(backup.errors)")
        other.stop()
        try site.expectNothingLeft()
        try await site.remove()
    }

    private static let old = TestPostgres.allPrograms.first { $0.contains("/15/") }

    @Test(.requires(old == nil ? "there is no PostgreSQL 15 beside a newer one" : nil)) func aServerTooOldForTheDump() async throws {
        let site = try await TroubleSite.make()
        let backup = try await site.backUp()
        let old = try await TestPostgres.start(of: Self.old)
        try site.writeSecret("old-password", old.password.reveal { $0 })
        try site.configure(
            "old.yaml", replacing: "stores:\n",
            with: """
                  old-db: {engine: postgres, stage: staging, url: "postgres://postgres@127.0.0.1:\(old.parameters.port)/\(site.database)", password: {file: \(site.folder)/old-password}}
                stores:

                """)
        let words = ["run", "rebuild.yaml", "--config", "old.yaml", "--target", "db=old-db", "--input", "database=\(site.database)"]
        for isThere in [false, true] {
            if isThere {
                try await site.ask("CREATE DATABASE \(site.database)", in: "postgres", of: old)
                try await site.ask("CREATE TABLE kept AS SELECT 1", of: old)
            }
            let run = try await site.lifeboat.run(words)
            #expect(run.code == 2, "\(run.output)\(run.errors)")
            #expect(run.errors.contains("error: backup \(backup) is of PostgreSQL 16."), "\(run.errors)")
            #expect(run.errors.contains("hint: restore it on a server of version 16 or newer, or choose an older backup"), "\(run.errors)")
            let databases = try await site.ask(
                "SELECT count(*) FROM pg_database WHERE datname = '\(site.database)'", in: "postgres", of: old)
            #expect(databases == (isThere ? "1" : "0"), "nothing is dropped, and no empty database is left")
        }
        #expect(try await site.ask("SELECT * FROM kept", of: old) == "1")
        await old.stop()
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aServerThatDoesNotSayWhichItIs() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        _ = try await site.backUp()
        try await site.ask("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", in: "postgres")
        try await site.ask("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        try await site.ask("CREATE ROLE plain LOGIN CREATEDB PASSWORD 'plain'", in: "postgres")
        try await site.ask("CREATE DATABASE copy OWNER plain", in: "postgres")
        try await site.ask("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", in: "copy")
        try site.writeSecret("plain-password", "plain")
        // Under a name that nobody could tell is this machine.
        try site.configure(
            "plain.yaml", replacing: "stores:\n",
            with: """
                  copy-db: {engine: postgres, stage: staging, url: "postgres://plain@127.1:\(site.port)/copy", password: {file: \(site.folder)/plain-password}}
                stores:

                """)
        let words = ["rebuild.yaml", "--config", "plain.yaml", "--target", "db=copy-db", "--input", "database=copy"]
        let plan = try await site.lifeboat.run(["plan"] + words)
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.output.inOneLine.contains("unknown (it does not say which server it is"), "\(plan.output)")
        #expect(
            plan.output.inOneLine.contains("guarded: it does not say whether it is the same server as the source of backup nightly/"),
            "\(plan.output)")
        #expect(plan.output.inOneLine.contains("typed or with --confirm copy-db"), "\(plan.output)")
        // The backup holds another database: that alone would end it before anybody is asked.
        let run = try await site.lifeboat.run(["run"] + words + ["--accept-unproven", "copy-db/copy"])
        #expect(run.code == 1)
        #expect(
            run.errors.contains("error: 'copy-db' needs somebody's agreement: it does not say whether it is the same server as"),
            "\(run.errors)")
        #expect(run.errors.contains("add --confirm copy-db, or run it at a terminal"))
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aServerThatIsDownIsGuardedAsProduction() async throws {
        let site = try await TroubleSite.make()
        _ = try await site.backUp()
        let listener = try RawServer()
        listener.stop()
        try site.configure(
            "down.yaml", replacing: "stores:\n",
            with: """
                  copy-db: {engine: postgres, stage: staging, url: "postgres://postgres@127.0.0.1:\(listener.port)/copy", password: {file: \(site.folder)/password}}
                stores:

                """)
        let words = ["rebuild.yaml", "--config", "down.yaml", "--target", "db=copy-db", "--input", "database=copy"]
        let plan = try await site.lifeboat.run(["plan"] + words)
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.output.inOneLine.contains("guarded: it does not say which server it is, and may be production"), "\(plan.output)")
        #expect(plan.output.inOneLine.contains("Connection refused"), "\(plan.output)")
        // The backup holds another database: that alone would end it before anybody is asked.
        let run = try await site.lifeboat.run(["run"] + words + ["--accept-unproven", "copy-db/copy"])
        #expect(run.code == 1)
        #expect(run.errors.contains("'copy-db' needs somebody's agreement: it does not say which server it is"), "\(run.errors)")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func somebodyElseAtWorkOnTheServer() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        _ = try await site.backUp()
        try #require(try await Bindings.run(Command("/usr/bin/mkfifo", ["\(site.folder)/go"])).status.isSuccess)
        try site.write(
            "slow.yaml",
            """
            runbook: slow
            title: Take its time
            targets: {db: postgres}
            steps:
              - name: Wait for the test
                exec: [/bin/sh, -c, "echo > \(site.folder)/started; read line < \(site.folder)/go"]
            """)
        async let first = site.lifeboat("run", "slow.yaml", "--confirm", "app-db")
        try await eventually { FileManager.default.fileExists(atPath: "\(site.folder)/started") }
        var others: [TestSupport.Program.Ended] = []
        for words in [["restore", "nightly", "--confirm", "app-db"], ["backup", "nightly"]] {
            others.append(try await site.lifeboat.run(words))
        }
        try Data("go\n".utf8).write(to: URL(filePath: "\(site.folder)/go"))
        #expect(try await first.code == 3, "nothing was compared")
        for other in others {
            #expect(other.code == 75, "\(other.errors)")
            #expect(other.errors.contains("error: postgres-at-127.0.0.1:\(site.port) is in use: held by run "), "\(other.errors)")
            #expect(other.errors.contains(" of runbook slow ("), "\(other.errors)")
            #expect(other.errors.hasSuffix("  hint: wait until that is finished; a lock goes with the process that holds it\n"))
        }
        #expect(try await site.notes == "500")
        try site.expectNothingLeft()
        try await site.remove()
    }
}
