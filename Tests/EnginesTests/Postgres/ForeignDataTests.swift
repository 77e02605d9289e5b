import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct ForeignDataTests {
    @Test func aDrillsRestoreReachesNobodyAndSaysWhatItLeftOut() async throws {
        let listener = try RawServer { _, _ in }
        let server = try await TestServers.server15()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE EXTENSION postgres_fdw;
                CREATE EXTENSION dblink;
                CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '\(listener.port)', dbname 'far', connect_timeout '2');
                CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'someone', password 'never to be seen');
                CREATE FOREIGN TABLE far_books (a int) SERVER far;
                CREATE TABLE near (a int); INSERT INTO near VALUES (1);
                CREATE MATERIALIZED VIEW near_view AS SELECT a FROM near;
                CREATE VIEW between AS SELECT a FROM far_books;
                CREATE MATERIALIZED VIEW far_view AS SELECT a FROM between WITH NO DATA;
                CREATE MATERIALIZED VIEW "farther view" AS SELECT a FROM far_view WITH NO DATA;
                CREATE MATERIALIZED VIEW linked AS SELECT * FROM dblink('host=127.0.0.1 port=\(listener.port) connect_timeout=2', 'SELECT 1') AS t(a int) WITH NO DATA;
                CREATE TABLE parts (a int) PARTITION BY LIST (a);
                CREATE TABLE parts_near PARTITION OF parts FOR VALUES IN (1);
                CREATE FOREIGN TABLE parts_far PARTITION OF parts FOR VALUES IN (2) SERVER far;
                INSERT INTO parts VALUES (1);
                CREATE SUBSCRIPTION nightly CONNECTION 'host=127.0.0.1 port=\(listener.port)' PUBLICATION p WITH (connect = false, slot_name = NONE);
                COMMENT ON SUBSCRIPTION nightly IS 'reaches out';
                """)
        // As if they had been filled: their contents are in the dump.
        try await source.target.sql(
            source.name, "SET allow_system_table_mods = on", "UPDATE pg_class SET relispopulated = true WHERE relkind = 'm'")
        let backup = try await source.backup()

        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
        let result = try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)

        let verified = try await step(VerifyStep.self, "{database: \(name), against: dump}").run(in: context)
        #expect(verified.checks.filter(\.isFinding) == [])
        #expect(listener.connections == 0)
        #expect(try await target.column(name, "SELECT a FROM near_view") == ["1"])
        #expect(try await target.column(name, "SELECT count(*) FROM pg_user_mapping") == ["0"])
        #expect(
            try await target.column(name, "SELECT relname FROM pg_class WHERE relkind = 'm' AND NOT relispopulated ORDER BY 1") == [
                "far_view", "farther view", "linked",
            ])
        let view = "filling it would read another server; the view is there and empty"
        #expect(
            Set(result.notExercised) == [
                NotExercised("SUBSCRIPTION - nightly postgres", because: "it would connect to its publisher"),
                NotExercised(
                    "USER MAPPING - USER MAPPING postgres SERVER far postgres",
                    because: "with it, foreign tables could log in to another server"),
                NotExercised("MATERIALIZED VIEW DATA public far_view postgres", because: view),
                NotExercised("MATERIALIZED VIEW DATA public farther view postgres", because: view),
                NotExercised("MATERIALIZED VIEW DATA public linked postgres", because: view),
                NotExercised("statistics of table public.parts", because: "parts of it are foreign tables, which would be read"),
            ])

        // The listener does notice: what was left out would have reached it.
        _ = try? await target.sql(
            name, "CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'a', password 'b')", "SELECT * FROM far_books")
        #expect(listener.connections == 1)
        await target.close()
    }
}
