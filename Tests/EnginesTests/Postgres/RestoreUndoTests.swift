import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// A restore that was cut off is taken back, and what pg_restore cannot do is told.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct RestoreUndoTests: RecoverySteps {
    @Test func aRestoreWhosePgRestoreWasKilledIsTakenBackAndDoneAgain() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS text FROM generate_series(1, 20000) i;
                ALTER TABLE big ADD PRIMARY KEY (id);
                """)
        try await source.target.sql("postgres", "ALTER DATABASE \(source.name) SET work_mem = '6MB'")
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: try target.context([backup]))

        let memory = Memory()
        let killer = KillingCommands()
        let first = await #expect(throws: Failure.self) {
            try await restore(name).run(in: try target.context([backup], memory: memory, commands: killer))
        }
        #expect(first?.problem.hasSuffix("pg_restore was killed by signal 9") == true)
        #expect(try await !target.readable.contents(of: name).isEmpty)
        #expect(
            try await restore(name).reconcile(reading: target.reading([backup], memory: memory))
                == .partial("database '\(name)' was being restored"))

        let other = try target.context([backup])
        await #expect(throws: Failure.self, "another run did not find it empty") { try await restore(name).run(in: other) }

        let context = try target.context([backup], memory: memory)
        try await restore(name).undo(in: context)
        #expect(try await target.readable.contents(of: name).isEmpty)
        #expect(try await target.database(name)?.definition.settings.map(\.value) == ["6MB"])
        _ = try await restore(name).run(in: context)
        #expect(try await target.column(name, "SELECT count(*) FROM big") == ["20000"])
        #expect(try await restore(name).reconcile(reading: target.reading([backup], memory: memory)) == .done)
        await target.close()
    }

    @Test func undoTouchesOnlyTheDatabaseThatWasFoundEmpty() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE precious (a int)")
        let found = try #require(try await source.target.database(source.name))
        let memory = Memory()
        memory.keep("oid", .text("1"))
        memory.keep("database", .text(String(decoding: try CanonicalJSON.encode(found.definition), as: UTF8.self)))
        let failure = await #expect(throws: Failure.self) {
            try await restore(source.name).undo(in: try source.target.context(memory: memory))
        }
        #expect(failure?.kind == .refused)
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM precious") == ["0"])
        await source.target.close()
    }

    @Test func anUndoThatWasCutOffAfterTheDropMakesTheDatabaseAgain() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let found = try #require(try await source.target.database(source.name))
        let memory = Memory()
        memory.keep("oid", .text(found.oid))
        memory.keep("database", .text(String(decoding: try CanonicalJSON.encode(found.definition), as: UTF8.self)))
        try await source.target.drop(found)
        try await restore(source.name).undo(in: try source.target.context(memory: memory))
        #expect(try await source.target.database(source.name)?.definition == found.definition)
        await source.target.close()
    }

    @Test func whatPgRestoreCannotDoIsAFailureInItsOwnWords() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE TABLE a (a int); INSERT INTO a VALUES (1), (1);
                CREATE FUNCTION broken() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                """)
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: try target.context([backup]))
        // Passwords and rows must not come along with the statement.
        let context = try target.context([backup], commands: BrokenCommands())
        let failure = await #expect(throws: Failure.self) { try await restore(name).run(in: context) }
        #expect(failure?.kind == .engine)
        #expect(
            failure?.problem
                == "cannot restore tables of database '\(name)' on 'db' (\(server.address.text)): pg_restore exited with status 1")
        #expect(
            failure?.causes == [
                "could not execute query: ERROR:  role \"nobody\" does not exist (at entry 215; 1259 16385 TABLE a postgres)"
            ])
        await target.close()
    }
}

/// Kills pg_restore as soon as it says that it has begun with the rows.
private struct KillingCommands: CommandRunner {
    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        guard command.arguments.contains(where: { $0.hasPrefix("--use-list") }) else {
            return try await TestCommands().run(command, onErrorLine: onErrorLine)
        }
        // What a command leaves running when it ends is killed with it.
        let script = """
            "$0" "$@" 2>&1 >/dev/null | while IFS= read -r line; do
                case "$line" in *"processing data for table"*|*"launching item"*"TABLE DATA"*) kill -KILL $$;; esac
            done
            """
        return try await TestCommands().run(
            CommandSpec("/bin/bash", ["-c", script, command.executable] + command.arguments, environment: command.environment))
    }

    func find(_ executable: String) -> String? { nil }
}

/// A pg_restore that fails as the real one does.
private struct BrokenCommands: CommandRunner {
    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        guard command.arguments.contains(where: { $0.hasPrefix("--use-list") }) else {
            return try await TestCommands().run(command, onErrorLine: onErrorLine)
        }
        let errors = """
            pg_restore: connecting to database for restore
            pg_restore: creating TABLE "public.a"
            pg_restore: while PROCESSING TOC:
            pg_restore: from TOC entry 215; 1259 16385 TABLE a postgres
            pg_restore: error: could not execute query: ERROR:  role "nobody" does not exist
            Command was: ALTER TABLE public.a OWNER TO nobody PASSWORD 'hunter2';
            """
        return CommandOutcome(status: .exited(1), output: [], errors: errors, seconds: 0)
    }

    func find(_ executable: String) -> String? { nil }
}
