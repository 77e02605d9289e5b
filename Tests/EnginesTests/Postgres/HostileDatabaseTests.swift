import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// A restored database is somebody else's code. What we ask of it must be answered by the server itself.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(1))) struct HostileDatabaseTests {
    @Test func functionsUnderTheServersOwnNamesAreNotCalled() async throws {
        let source = try await SourceDatabase(
            on: try await TestServers.server16(),
            holding: """
                CREATE SCHEMA trap;
                CREATE TABLE trap.sprung (by text);
                CREATE FUNCTION trap.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$
                    BEGIN INSERT INTO trap.sprung VALUES ('quote_ident'); RETURN 'trapped'; END $$;
                CREATE FUNCTION trap.quote_ident(text) RETURNS text LANGUAGE plpgsql AS $$
                    BEGIN INSERT INTO trap.sprung VALUES ('quote_ident'); RETURN 'trapped'; END $$;
                CREATE FUNCTION trap.pg_get_userbyid(oid) RETURNS name LANGUAGE plpgsql AS $$
                    BEGIN INSERT INTO trap.sprung VALUES ('pg_get_userbyid'); RETURN 'trapped'; END $$;
                CREATE FUNCTION trap.current_database() RETURNS name LANGUAGE plpgsql AS $$
                    BEGIN INSERT INTO trap.sprung VALUES ('current_database'); RETURN 'trapped'; END $$;
                """)
        try await source.target.sql("postgres", "ALTER DATABASE \(source.name) SET search_path = trap, pg_catalog")
        let backup = try await source.backup()
        let target = TestTarget.disposable(source.server)
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
        _ = try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
        let verified = try await step(VerifyStep.self, "{database: \(name), against: dump}").run(in: context)
        #expect(verified.checks.filter(\.isFinding) == [])
        let effects = try await step(DropDatabaseStep.self, "{database: \(name), refill: dump}").effects(reading: target.reading([backup]))
        #expect(effects.first?.refill?.nameInBackup == name)
        #expect(try await target.column(name, "SELECT by FROM trap.sprung") == [])
        // The trap does work.
        try await target.sql(name, "SELECT quote_ident('a'::text)")
        #expect(try await target.column(name, "SELECT by FROM trap.sprung") == ["quote_ident"])
        await target.close()
    }
}
