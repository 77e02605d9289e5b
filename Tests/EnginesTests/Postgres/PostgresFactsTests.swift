import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct PostgresFactsTests {
    @Test func everyRowIsCountedAndNothingIsCountedTwice() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let items = try await library.facts()
            let counts = Dictionary(uniqueKeysWithValues: items.compactMap { item in item.count.map { ("\(item.kind) \(item.name)", $0) } })
            #expect(
                counts == [
                    "table public.books": 500, "table shop.loans_2025": 213, "table shop.loans_2026_eu": 94,
                    "table shop.loans_2026_rest": 93,
                    "table shop.parent": 2, "table shop.child": 1, "table shop.rooms": 0, "table shop.scratch": 1, "table shop.empty": 0,
                    "table shop.typed": 0, "table \"Sch;ema \"\"x\"\"\".\"Tab'le\nwith $1 \\ <script>\"": 2,
                    "table public.\"ééééééééééééééééééééééééééééééé\"": 0, "materialized view shop.per_day": 400, "large objects all": 2,
                ])
        }
    }

    @Test func countsOverSeveralConnectionsSeeTheSnapshotAndNothingLater() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let keeper = try await library.connect()
            let snapshot = try await PostgresSnapshot.begin(on: keeper)
            try await library.run("INSERT INTO shop.parent VALUES (7); INSERT INTO shop.rooms (room) SELECT 5 FROM generate_series(1, 9)")
            let counters = [try await library.connect(), try await library.connect()]
            let items = try await PostgresFacts.read(snapshot, counters: counters)
            #expect(items.first { $0.name == "shop.parent" }?.count == 2)
            #expect(items.first { $0.name == "shop.rooms" }?.count == 0)
            // The counters are free again.
            #expect(try await counters[0].query("SELECT count(*) FROM shop.rooms").rows == [["9"]])
            for connection in counters + [keeper] { await connection.close() }
        }
    }

    @Test func rowsHiddenFromTheUserAreAnErrorThatNamesTheTable() async throws {
        let server = try await TestPostgres.shared()
        try await TestDatabase.with(server) { database in
            let user = "short_\(randomHex(4))"
            try await database.run(
                "CREATE ROLE \(user) LOGIN PASSWORD 'x'; GRANT pg_read_all_data TO \(user); CREATE TABLE public.hidden (a int);"
                    + "ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY")
            let connection = try await PostgresConnection.connect(
                server.parameters.database(database.name).login(user: user, password: "x"))
            let snapshot = try await PostgresSnapshot.begin(on: connection)
            let failure = await #expect(throws: Failure.self) { try await PostgresFacts.read(snapshot) }
            #expect(
                failure?.description == """
                    cannot count table public.hidden: row-level security would hide rows from this user
                      because: query would be affected by row-level security policy for table "hidden" (42501)
                      hint: give the user BYPASSRLS; a count that is short proves nothing
                    """)
            await connection.close()
            try await database.run("DROP TABLE public.hidden; DROP OWNED BY \(user); DROP ROLE \(user)")
        }
    }

    @Test func aTableThatMayNotBeReadIsNamed() async throws {
        let server = try await TestPostgres.shared()
        try await TestDatabase.with(server) { database in
            let user = "blind_\(randomHex(4))"
            try await database.run("CREATE ROLE \(user) LOGIN PASSWORD 'x'; CREATE TABLE public.\"so <b>secret\" (a int)")
            let connection = try await PostgresConnection.connect(
                server.parameters.database(database.name).login(user: user, password: "x"))
            let snapshot = try await PostgresSnapshot.begin(on: connection)
            let failure = await #expect(throws: Failure.self) { try await PostgresFacts.read(snapshot) }
            #expect(failure?.problem == "cannot count table public.\"so <b>secret\"")
            #expect(failure?.kind == .engine)
            await connection.close()
            try await database.run("DROP ROLE \(user)")
        }
    }

    @Test func noSecretIsWrittenDown() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let text = try await library.facts().map { String(decoding: try CanonicalJSON.encode($0), as: UTF8.self) }.joined()
            #expect(!text.contains("do not look"))
            #expect(!text.contains("never seen"))
            #expect(text.contains("secret_key"))
        }
    }

    @Test func aFingerprintDoesNotDependOnTheOrderOfRowsAndSeesOneValue() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            func prints(_ rows: String) async throws -> [String: String] {
                try await database.run(
                    "DROP TABLE IF EXISTS public.t; CREATE TABLE public.t (a int, \"B\" text, c float8); INSERT INTO public.t VALUES \(rows)"
                )
                let items = try await database.facts(Fingerprints(["public.t", "public.t.*"]))
                return Dictionary(uniqueKeysWithValues: items.compactMap { item in item.facts["fingerprint"].map { (item.name, $0) } })
            }
            let first = try await prints("(1, 'x', 0.1), (2, NULL, 1e300), (3, '', NULL)")
            #expect(first.keys.sorted() == ["public.t", "public.t.\"B\"", "public.t.a", "public.t.c"])
            #expect(try await prints("(3, '', NULL), (2, NULL, 1e300), (1, 'x', 0.1)") == first)
            let swapped = try await prints("(2, 'x', 0.1), (1, NULL, 1e300), (3, '', NULL)")
            #expect(swapped["public.t.a"] == first["public.t.a"])
            #expect(swapped["public.t"] != first["public.t"])
            let empty = try await prints("(1, 'x', 0.1), (2, '', 1e300), (3, '', NULL)")
            #expect(empty["public.t.\"B\""] != first["public.t.\"B\""])
            #expect(empty["public.t.c"] == first["public.t.c"])
        }
    }
}
