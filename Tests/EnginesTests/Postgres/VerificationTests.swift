import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// One change to a restored database, and what a verification must say of it.
struct Change: Sendable, CustomTestStringConvertible {
    let sql: String
    /// `SUBJECT: ASPECT`, all of them.
    let findings: [String]

    init(_ sql: String, _ findings: String...) {
        self.sql = sql
        self.findings = findings
    }

    var testDescription: String { sql }
}

@Suite(.requires(TestPostgres.missing), .serialized, .timeLimit(.minutes(3)))
struct VerificationTests {
    private func verify(
        _ copy: TestDatabase, _ inventory: [InventoryItem], _ options: VerificationOptions = VerificationOptions()
    ) async throws -> PostgresVerification.Outcome {
        let connection = try await copy.connect()
        let outcome = try await PostgresVerification.verify(inventory, against: connection, options: options)
        await connection.close()
        return outcome
    }

    @Test func aRestoreThatNobodyTouchedHasNoFindings() async throws {
        try await RestoredLibrary.shared.withCopy { copy, inventory in
            let outcome = try await verify(copy, inventory)
            #expect(outcome.checks.filter(\.isFinding) == [])
            #expect(outcome.notExercised == [])
            #expect(CheckTally(outcome.checks).compared > 1000)
            #expect(outcome.checks.contains(CheckResult("table public.books", "rows", expected: 500, actual: 500)))
        }
    }

    static let changes = [
        Change("ALTER TABLE shop.child ALTER b TYPE bigint", "column shop.child.b: type"),
        Change("ALTER TABLE public.books ALTER stock SET DEFAULT 0", "column public.books.stock: default"),
        Change(
            "ALTER TABLE shop.typed ALTER \"Näme\" DROP NOT NULL; ALTER TABLE shop.rooms ALTER room SET NOT NULL",
            "column shop.rooms.room: not null"),
        Change("ALTER TABLE public.books ALTER added DROP NOT NULL", "column public.books.added: not null"),
        Change(
            "ALTER TABLE \"Sch;ema \"\"x\"\"\".\"Tab'le\nwith $1 \\ <script>\" ALTER \"ünï – col\" TYPE text COLLATE \"C\"",
            "column \"Sch;ema \"\"x\"\"\".\"Tab'le\nwith $1 \\ <script>\".\"ünï – col\": collation"),
        Change(
            "ALTER TABLE shop.rooms DROP double; ALTER TABLE shop.rooms ADD double int GENERATED ALWAYS AS (room * 3) STORED",
            "column shop.rooms.double: generated"),
        Change(
            "ALTER TABLE public.books DROP CONSTRAINT price_is_sane, ADD CONSTRAINT price_is_sane CHECK (price >= 0 AND price < 1000.6)",
            "constraint price_is_sane on public.books: definition"),
        Change(
            "ALTER TABLE shop.rooms VALIDATE CONSTRAINT later", "constraint later on shop.rooms: definition",
            "constraint later on shop.rooms: validated"),
        Change("ALTER TABLE shop.loans DROP CONSTRAINT loans_book", "constraint loans_book on shop.loans: exists"),
        Change("DROP INDEX public.books_status", "comment index public.books_status: exists", "index public.books_status: exists"),
        Change(
            "DROP INDEX shop.per_day_day; CREATE UNIQUE INDEX per_day_day ON shop.per_day (day DESC)", "index shop.per_day_day: definition"),
        Change(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.books_status'::regclass", "index public.books_status: valid"),
        Change("CREATE INDEX surplus ON shop.child (b)", "index shop.surplus: exists"),
        Change(
            "CREATE OR REPLACE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.added := now() ; RETURN NEW; END $$",
            "function public.stamp(): body hash"),
        Change(
            "CREATE OR REPLACE FUNCTION public.atomic(a int, b varchar) RETURNS boolean LANGUAGE sql RETURN b IN ('x', 'z') AND a > 0",
            "function public.atomic(integer, character varying): sql body"),
        Change("ALTER FUNCTION public.total SECURITY INVOKER", "function public.total(integer, text[]): security definer"),
        Change("ALTER TABLE public.books DISABLE TRIGGER stamp_books", "trigger stamp_books on public.books: enabled"),
        Change(
            "DROP TRIGGER \"note; loan\" ON shop.loans", "trigger \"note; loan\" on shop.loans: exists",
            "trigger \"note; loan\" on shop.loans_2025: exists", "trigger \"note; loan\" on shop.loans_2026: exists",
            "trigger \"note; loan\" on shop.loans_2026_eu: exists", "trigger \"note; loan\" on shop.loans_2026_rest: exists"),
        Change("ALTER POLICY only_mine ON public.books USING (false)", "policy only_mine on public.books: using"),
        Change(
            "ALTER POLICY \"see, \"\"new\"\" ones\" ON public.books TO readers", "policy \"see, \"\"new\"\" ones\" on public.books: roles"),
        Change("ALTER TABLE public.books DISABLE ROW LEVEL SECURITY", "table public.books: row-level security"),
        Change("ALTER TABLE shop.parent NO FORCE ROW LEVEL SECURITY", "table shop.parent: row-level security"),
        Change("ALTER TABLE shop.child OWNER TO librarian", "table shop.child: owner"),
        Change("ALTER SCHEMA shop OWNER TO postgres", "schema shop: owner"),
        Change("REVOKE INSERT ON public.books FROM visitor", "table public.books: grant to visitor"),
        Change("GRANT SELECT ON shop.child TO PUBLIC", "table shop.child: grant to PUBLIC"),
        Change("REVOKE SELECT (title) ON public.books FROM readers", "column public.books.title: grant to readers"),
        Change(
            "ALTER DEFAULT PRIVILEGES FOR ROLE librarian IN SCHEMA shop REVOKE SELECT ON TABLES FROM visitor",
            "default privileges for librarian in shop on tables: exists"),
        Change("SELECT setval('public.books_id_seq', 1006)", "sequence public.books_id_seq: position"),
        Change("SELECT setval('shop.loans_id_seq', 400, false)", "sequence shop.loans_id_seq: position"),
        Change("SELECT setval('public.books_id_seq', 5000)"),
        Change("ALTER SEQUENCE shop.untouched INCREMENT 2", "sequence shop.untouched: increment"),
        Change("UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'plpgsql'", "extension plpgsql: version"),
        Change("DELETE FROM shop.scratch", "table shop.scratch: rows"),
        Change("DELETE FROM shop.loans_2025 WHERE id = 1", "table shop.loans_2025: rows"),
        Change("INSERT INTO shop.rooms VALUES (1, NULL)", "table shop.rooms: rows"),
        Change(
            "UPDATE public.books SET price = price + 0.01 WHERE id = 100", "column public.books.price: content",
            "table public.books: content"),
        Change("UPDATE shop.parent SET a = 9 WHERE a = 2", "table shop.parent: content"),
        Change(
            "CREATE OR REPLACE VIEW shop.checked WITH (security_barrier, check_option = local) AS SELECT id, price FROM public.books WHERE price > 2",
            "view shop.checked: definition"),
        Change("ALTER VIEW shop.checked RESET (security_barrier)", "view shop.checked: options"),
        Change("REFRESH MATERIALIZED VIEW shop.per_day WITH NO DATA", "materialized view shop.per_day: populated"),
        Change("REFRESH MATERIALIZED VIEW shop.unfilled", "materialized view shop.unfilled: populated"),
        Change("ALTER TYPE public.mood ADD VALUE 'tired' BEFORE 'glad'", "type public.mood: values"),
        Change(
            "ALTER DOMAIN public.isbn DROP CONSTRAINT looks_right; ALTER DOMAIN public.isbn ADD CONSTRAINT looks_right CHECK (true)",
            "constraint looks_right on domain public.isbn: definition"),
        Change("ALTER DOMAIN public.isbn DROP NOT NULL", "type public.isbn: not null"),
        Change(
            "ALTER TABLE shop.loans DETACH PARTITION shop.loans_2025; ALTER TABLE shop.loans ATTACH PARTITION shop.loans_2025 FOR VALUES FROM ('2025-01-02 00:00+00') TO ('2026-01-01 00:00+00')",
            "table shop.loans_2025: partition bound"),
        Change("COMMENT ON TABLE public.books IS 'Books'", "comment table public.books: text hash"),
        Change("COMMENT ON DATABASE CURRENT_NAME IS NULL", "database DATABASE: comment"),
        Change("ALTER DATABASE CURRENT_NAME SET work_mem = '8MB'", "setting work_mem: value"),
        Change("ALTER DATABASE CURRENT_NAME RESET app.motto", "setting app.motto: exists"),
        Change(
            "ALTER ROLE visitor IN DATABASE CURRENT_NAME SET statement_timeout = '4s'", "setting role visitor: statement_timeout: value"),
        Change("ALTER PUBLICATION everything SET (publish = 'insert, delete')", "publication everything: publishes"),
        Change(
            "ALTER PUBLICATION everything SET TABLE public.books (id, title) WHERE (id > 6), shop.parent",
            "published table public.books in everything: where"),
        Change("DROP USER MAPPING FOR visitor SERVER far", "user mapping for visitor on far: exists"),
        Change("ALTER EVENT TRIGGER watch ENABLE", "event trigger watch: enabled"),
        Change("DROP RULE protect ON shop.parent", "rule protect on shop.parent: exists"),
        Change("ALTER STATISTICS public.books_stats SET STATISTICS 77", "statistics public.books_stats: statistics target"),
        Change("ALTER TABLE public.books RESET (fillfactor)", "table public.books: options"),
        Change("ALTER TABLE public.books REPLICA IDENTITY DEFAULT", "table public.books: replica identity"),
        Change("ALTER TABLE shop.scratch SET LOGGED", "table shop.scratch: persistence"),
        Change(
            "DROP TABLE \"Sch;ema \"\"x\"\"\".\"Tab'le\nwith $1 \\ <script>\"",
            "table \"Sch;ema \"\"x\"\"\".\"Tab'le\nwith $1 \\ <script>\": exists"),
        Change("CREATE TABLE public.new (a int PRIMARY KEY, b text CHECK (b <> ''))", "table public.new: exists"),
        Change(
            "SELECT lo_unlink(90001)", "comment large object 90001: exists", "large objects all: bytes", "large objects all: ids hash",
            "large objects all: number", "large objects all: owners and grants hash"),
        Change("GRANT SELECT ON LARGE OBJECT 90002 TO visitor", "large objects all: owners and grants hash"),
        Change(
            "ALTER TEXT SEARCH CONFIGURATION public.plain_search DROP MAPPING FOR word",
            "text search configuration public.plain_search: definition"),
        Change("ALTER SERVER far OPTIONS (SET host 'near.example')", "foreign server far: options"),
    ]

    @Test(arguments: changes)
    func oneChangeIsOneFindingThatNamesIt(_ change: Change) async throws {
        try await RestoredLibrary.shared.withCopy { copy, inventory in
            try await copy.run("SET allow_system_table_mods = on;" + change.sql.replacing("CURRENT_NAME", with: copy.name))
            let found = try await verify(copy, inventory).checks.filter(\.isFinding).map { "\($0.subject): \($0.aspect)" }
            let named = found.map { $0.hasPrefix("database ") ? "database DATABASE: " + ($0.split(separator: ": ").last ?? "") : $0 }
            #expect(named.sorted() == change.findings.sorted())
        }
    }
}
