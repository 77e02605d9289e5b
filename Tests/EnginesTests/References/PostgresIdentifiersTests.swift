import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(2))) struct PostgresIdentifiersTests {
    private static func script(_: String) -> String {
        #"""
        CREATE SCHEMA "odd . ""names""";
        CREATE TABLE "odd . ""names""".things (
            small smallint, middle integer, large bigint, any_size numeric, id uuid, words text, short varchar(20), padded char(8),
            flag boolean, "a ""b""" text);
        INSERT INTO "odd . ""names""".things VALUES
            (1, 1, 1, 18446744073709551615, '550e8400-e29b-41d4-a716-446655440000', 'one', 'one', 'one', true, 'x'),
            (-2, -2, -2, 2.00, 'C0FFEE00-1234-5678-9abc-def012345678', E'a "quoted", {braced} and \\ one', '', 'two ', false, NULL),
            (NULL, NULL, NULL, 1.5, NULL, NULL, NULL, NULL, NULL, 'NULL');
        CREATE DOMAIN counted AS bigint CHECK (VALUE > 0);
        CREATE TABLE parts (id counted) PARTITION BY RANGE (id);
        CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (1) TO (100);
        CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (200);
        INSERT INTO parts VALUES (7), (150);
        CREATE TABLE public.many (id bigint PRIMARY KEY);
        INSERT INTO many SELECT generate_series(1, 10000);
        """#
    }

    private let things = #"table: '"odd . ""names""".things'"#

    private func with(_ use: (ReadablePostgres, _ database: String) async throws -> Void) async throws {
        try await TestDatabase.with(try await TestPostgres.shared(), holding: Self.script) { database in
            try await use(database.readable, database.name)
        }
    }

    private func values(_ server: ReadablePostgres, _ database: String, _ column: String) async throws -> [IdentifierValue] {
        try await server.using("{target: db, database: \(database), \(things), column: '\(column)'}") { try await $0.values() }
    }

    @Test func readsEveryKindExactly() async throws {
        try await with { server, database in
            for column in ["small", "middle", "large"] {
                let found1 = try await values(server, database, column)
                #expect(
                    found1 == [.identifier(.number(1)), .identifier(.number(-2)), .null], "\(column)")
            }
            let found2 = try await values(server, database, "any_size")
            #expect(
                found2 == [
                    .identifier(.number(18_446_744_073_709_551_615)), .identifier(.number(2)), .other("1.5"),
                ])
            let found3 = try await values(server, database, "id")
            #expect(
                found3 == [
                    .identifier(.uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000)),
                    .identifier(.uuid(0xc0ffee00_1234_5678_9abc_def012345678)), .null,
                ])
            let found4 = try await values(server, database, "words")
            #expect(
                found4 == [
                    .identifier(.text("one")), .identifier(.text(#"a "quoted", {braced} and \ one"#)), .null,
                ])
            let found5 = try await values(server, database, #"a "b""#)
            #expect(
                found5 == [.identifier(.text("x")), .null, .identifier(.text("NULL"))])
        }
    }

    @Test func findsWhatIsThereAndNothingElse() async throws {
        try await with { server, database in
            func absent(_ column: String, _ asked: [Identifier]) async throws -> Set<Identifier> {
                try await server.using("{target: db, database: \(database), \(things), column: '\(column)'}") { try await $0.absent(asked) }
            }
            // A number that the column's type has no room for is not there; to ask for it would be an error.
            let numbers: [Identifier] = [.number(1), .number(3), .number(-2), .number(Int128(Int64.max)), .number(Int128(Int64.max) + 1)]
            for column in ["small", "middle", "large"] {
                let there1 = try await absent(column, numbers)
                #expect(
                    there1 == Set([numbers[1], numbers[3], numbers[4]]), "\(column)")
            }
            let there2 = try await absent("any_size", [.number(18_446_744_073_709_551_615), .number(2), .number(5)])
            #expect(
                there2 == [.number(5)])
            let there3 = try await absent("id", [.uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000), .uuid(7)])
            #expect(
                there3 == [.uuid(7)])
            let texts: [Identifier] = [.text(#"a "quoted", {braced} and \ one"#), .text("one"), .text("two"), .text("null"), .text("")]
            let there4 = try await absent("words", texts)
            #expect(
                there4 == Set(texts[2...]))
            let there5 = try await absent("short", [.text(""), .text("one"), .text("One")])
            #expect(
                there5 == [.text("One")])
            let there6 = try await absent("padded", [.text("two"), .text("three")])
            #expect(
                there6 == [.text("three")])
            let there7 = try await absent(#"a "b""#, [.text("NULL"), .text("y\u{0}z")])
            #expect(
                there7 == [.text("y\u{0}z")], "a text, and no missing one")
        }
    }

    @Test func partitionsAndDomainsAreReadLikeTables() async throws {
        try await with { server, database in
            try await server.using("{target: db, database: \(database), table: parts, column: id}") { parts in
                let there8 = try await Set(parts.values())
                #expect(
                    there8 == [.identifier(.number(7)), .identifier(.number(150))])
                let there9 = try await parts.absent([.number(7), .number(8), .number(150)])
                #expect(
                    there9 == [.number(8)])
            }
        }
    }

    @Test func allOfManyComeInBatches() async throws {
        try await with { server, database in
            let values = try await server.using("{target: db, database: \(database), table: public.many, column: id}") {
                try await $0.values()
            }
            #expect(values.count == 10_000)
            #expect(Set(values).count == 10_000)
        }
    }

    @Test func whatIsNotThereIsSaidToBeMissing() async throws {
        try await with { server, database in
            let table = await #expect(throws: NoSuchPlace.self) {
                _ = try await server.identifiers(at: place("{target: db, database: \(database), table: a.b, column: c}"))
            }
            #expect(table?.words == "there is no table a.b in database '\(database)'")
            let column = await #expect(throws: NoSuchPlace.self) {
                _ = try await server.identifiers(at: place("{target: db, database: \(database), table: many, column: c}"))
            }
            #expect(column?.words == "table public.many in database '\(database)' has no column 'c'")
        }
    }

    @Test func aColumnThatIdentifiesNothingIsAMistake() async throws {
        try await with { server, database in
            let failure = await #expect(throws: Failure.self) {
                _ = try await server.identifiers(at: place("{target: db, database: \(database), \(things), column: flag}"))
            }
            #expect(failure?.kind == .document)
            #expect(failure?.problem.hasSuffix("is of type boolean, which identifies nothing") == true)
        }
    }

    /// An account that sees a part of the rows would find references complete that are not.
    @Test func rowsThatAPolicyHidesAreAnErrorAndNoShortCount() async throws {
        let server = try await TestPostgres.shared()
        let role = "reader_\(randomHex(4))"
        try await TestDatabase.with(server, holding: Self.script) { database in
            try await database.run(
                """
                CREATE ROLE \(role) LOGIN PASSWORD 'p'; GRANT SELECT ON many TO \(role);
                ALTER TABLE many ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON many USING (id < 5);
                """)
            let address = ServerAddress(
                host: "127.0.0.1", port: server.parameters.port, user: role, password: Secret("p"), database: database.name)
            let target = ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)
            let readable = ReadablePostgres(
                PostgresServer(.configured(role: "db", target), sessionName: "lifeboat tests"), tools: TestServers.tools())
            let failure = await #expect(throws: Failure.self) {
                _ = try await readable.using("{target: db, database: \(database.name), table: many, column: id}") { try await $0.values() }
            }
            #expect(failure?.kind == .engine)
            try await database.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }
}
