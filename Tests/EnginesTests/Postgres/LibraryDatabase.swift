/// A database with one of everything that an inventory knows, under names that nobody would dare to use.
enum LibraryDatabase {
    static let owner = "librarian"
    static let hostile = #""Gräfin ""von"" <Zahl>""#

    /// Roles belong to the whole server, so they may be there already.
    static let roles = """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'librarian') THEN CREATE ROLE librarian; END IF;
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'visitor') THEN CREATE ROLE visitor LOGIN PASSWORD 'never seen'; END IF;
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'Gräfin "von" <Zahl>') THEN CREATE ROLE \(hostile) LOGIN CONNECTION LIMIT 3; END IF;
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'readers') THEN CREATE ROLE readers ROLE visitor; END IF;
        END $$;
        ALTER ROLE visitor SET work_mem = '5MB';
        """

    /// What belongs to a database and is not inside it: no template carries it over.
    private static let properties = #"""
        COMMENT ON DATABASE CURRENT_NAME IS 'All the books; even "these"';
        ALTER DATABASE CURRENT_NAME SET work_mem = '7MB';
        ALTER DATABASE CURRENT_NAME SET app.motto = 'read; then "sleep"';
        ALTER ROLE visitor IN DATABASE CURRENT_NAME SET statement_timeout = '3s';
        ALTER DATABASE CURRENT_NAME CONNECTION LIMIT 50;
        GRANT CONNECT ON DATABASE CURRENT_NAME TO visitor;
        """#

    private static let content = #"""
        CREATE SCHEMA shop AUTHORIZATION librarian;
        CREATE SCHEMA "Sch;ema ""x""";
        GRANT USAGE ON SCHEMA shop TO visitor, readers;
        GRANT ALL ON SCHEMA shop TO \#(hostile) WITH GRANT OPTION;

        CREATE TYPE public.mood AS ENUM ('sad', 'it''s ok', 'glad');
        CREATE DOMAIN public.isbn AS text COLLATE "C" DEFAULT 'none' NOT NULL CONSTRAINT looks_right CHECK (VALUE ~ '^[0-9-]*$' OR VALUE = 'none');
        CREATE TYPE public.span AS RANGE (subtype = float8, subtype_diff = float8mi);
        CREATE TYPE public.place AS (shelf int, "Näme" text COLLATE "C");
        CREATE COLLATION public.plain (locale = 'C');

        CREATE TABLE public.books (
            id bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 2),
            title varchar(200) NOT NULL DEFAULT 'untitled' COLLATE "C",
            isbn public.isbn,
            status varchar(10) DEFAULT 'new' CHECK (status IN ('new', 'lent', 'lo''st, "or" ]')),
            feeling public.mood DEFAULT 'glad',
            price numeric(8,2) CONSTRAINT price_is_sane CHECK (price >= 0 AND price < 1000.5),
            gross numeric GENERATED ALWAYS AS (price * 1.19) STORED,
            added timestamptz NOT NULL DEFAULT now(),
            tags text[] DEFAULT '{}',
            extra jsonb,
            spot public.place,
            CONSTRAINT books_pkey PRIMARY KEY (id),
            CONSTRAINT books_isbn_title UNIQUE (isbn, title) DEFERRABLE INITIALLY DEFERRED
        ) WITH (fillfactor = 80);
        ALTER TABLE public.books ADD COLUMN gone text;
        ALTER TABLE public.books ADD COLUMN stock int NOT NULL DEFAULT -1;
        ALTER TABLE public.books DROP COLUMN gone;
        ALTER TABLE public.books ALTER COLUMN extra SET STORAGE EXTERNAL;
        ALTER TABLE public.books ALTER COLUMN title SET STATISTICS 300;
        ALTER TABLE public.books ALTER COLUMN price SET (n_distinct = 5);
        ALTER TABLE public.books REPLICA IDENTITY FULL;
        ALTER TABLE public.books OWNER TO librarian;
        GRANT SELECT, INSERT ON public.books TO visitor;
        GRANT ALL ON public.books TO \#(hostile);
        GRANT UPDATE (price), SELECT (title) ON public.books TO readers WITH GRANT OPTION;
        INSERT INTO public.books (title, isbn, status, feeling, price, tags, extra, spot)
            SELECT 'Book ' || i || E'\nline \\. two', '978-' || i, (ARRAY['new', 'lent'])[1 + i % 2], (ARRAY['sad', 'glad'])[1 + i % 2]::public.mood,
                   i % 900, ARRAY['a', NULL], jsonb_build_object('i', i), ROW(i, 'x')::public.place
            FROM generate_series(1, 500) i;
        UPDATE public.books SET price = NULL WHERE id < 20;

        CREATE INDEX books_status ON public.books (status, lower(title) DESC NULLS LAST) INCLUDE (price) WHERE status IN ('new', 'lent');
        CREATE INDEX "Index ""of"" all; DROP" ON public.books USING gin (tags) WITH (fastupdate = off);
        ALTER TABLE public.books CLUSTER ON books_pkey;
        CREATE STATISTICS public.books_stats (dependencies, ndistinct) ON status, feeling FROM public.books;

        CREATE SEQUENCE shop.numbers AS integer INCREMENT -3 MINVALUE -900 MAXVALUE 900 START 600 CACHE 5 CYCLE;
        SELECT nextval('shop.numbers'), nextval('shop.numbers');
        CREATE SEQUENCE shop.untouched;
        ALTER SEQUENCE shop.numbers OWNER TO librarian;
        GRANT USAGE ON SEQUENCE shop.numbers TO visitor;

        CREATE TABLE shop.loans (
            id serial, book bigint NOT NULL, reader text NOT NULL, lent_at timestamptz NOT NULL, region text NOT NULL,
            note varchar CHECK (note::text = ANY (ARRAY['a'::varchar, 'b'::varchar]::text[])),
            PRIMARY KEY (lent_at, region, id)
        ) PARTITION BY RANGE (lent_at);
        CREATE TABLE shop.loans_2025 PARTITION OF shop.loans FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00');
        CREATE TABLE shop.loans_2026 PARTITION OF shop.loans (CONSTRAINT short CHECK (length(reader) < 99))
            FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2027-01-01 00:00+00') PARTITION BY LIST (region);
        CREATE TABLE shop.loans_2026_eu PARTITION OF shop.loans_2026 FOR VALUES IN ('eu', 'uk');
        CREATE TABLE shop.loans_2026_rest PARTITION OF shop.loans_2026 DEFAULT;
        ALTER TABLE shop.loans ADD CONSTRAINT loans_book FOREIGN KEY (book) REFERENCES public.books (id) ON DELETE CASCADE DEFERRABLE;
        CREATE INDEX loans_reader ON shop.loans (reader);
        INSERT INTO shop.loans (book, reader, lent_at, region, note)
            SELECT 10 + 2 * (i % 400), 'reader ' || i, '2025-06-01 00:00+00'::timestamptz + i * interval '1 day', (ARRAY['eu', 'us'])[1 + i % 2], 'a'
            FROM generate_series(1, 400) i;

        CREATE TABLE shop.parent (a int NOT NULL, CONSTRAINT positive CHECK (a > 0));
        CREATE TABLE shop.child (b int DEFAULT 7) INHERITS (shop.parent);
        INSERT INTO shop.parent VALUES (1), (2);
        INSERT INTO shop.child VALUES (3, 4);
        CREATE TABLE shop.rooms (room int, during tstzrange, EXCLUDE USING gist (during WITH &&), double int GENERATED ALWAYS AS (room * 2) STORED);
        ALTER TABLE shop.rooms ADD CONSTRAINT later CHECK (room > 0) NOT VALID;
        CREATE UNLOGGED TABLE shop.scratch (a int);
        INSERT INTO shop.scratch VALUES (1);
        CREATE TABLE shop.empty ();
        CREATE TABLE shop.typed OF public.place;
        CREATE TABLE "Sch;ema ""x"""."Tab'le
        with $1 \ <script>" ("col""umn" int, "ünï – col" text, "select" text DEFAULT 'it''s');
        INSERT INTO "Sch;ema ""x"""."Tab'le
        with $1 \ <script>" VALUES (1, E'a\tb\nc\\', NULL), (2, '\.', '');
        CREATE TABLE public."ééééééééééééééééééééééééééééééé" (a int);

        CREATE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.added := now(); RETURN NEW; END $f$;
        CREATE TRIGGER stamp_books BEFORE UPDATE OF title ON public.books FOR EACH ROW WHEN (OLD.status IN ('new', 'lent')) EXECUTE FUNCTION public.stamp();
        CREATE FUNCTION shop.note_loan() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$;
        CREATE TRIGGER "note; loan" AFTER INSERT ON shop.loans FOR EACH ROW EXECUTE FUNCTION shop.note_loan('a''b');
        CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON shop.parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.note_loan();
        ALTER TABLE shop.parent DISABLE TRIGGER checked;
        CREATE FUNCTION public.total(shelf int DEFAULT 1, VARIADIC more text[] DEFAULT '{}') RETURNS TABLE (a int, b text)
            LANGUAGE sql STABLE STRICT SECURITY DEFINER PARALLEL SAFE COST 7 ROWS 9 SET search_path = public, pg_temp AS 'SELECT 1, ''x''';
        REVOKE ALL ON FUNCTION public.total FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION public.total TO visitor;
        CREATE FUNCTION public.atomic(a int, b varchar) RETURNS boolean LANGUAGE sql RETURN b IN ('x', 'y') AND a > 0;
        CREATE PROCEDURE shop.tidy(INOUT n int) LANGUAGE plpgsql AS $p$ BEGIN n := n + 1; END $p$;
        CREATE AGGREGATE public.longest(text) (SFUNC = text_larger, STYPE = text, INITCOND = '');
        ALTER FUNCTION public.stamp() OWNER TO librarian;

        CREATE VIEW public.available AS SELECT b.*, upper(title) AS loud FROM public.books b WHERE status IN ('new', 'lent') AND stock <> 0;
        CREATE VIEW shop.checked WITH (security_barrier, check_option = local) AS SELECT id, price FROM public.books WHERE price > 1;
        GRANT SELECT ON public.available TO readers;
        CREATE MATERIALIZED VIEW shop.per_day AS SELECT date_trunc('day', lent_at AT TIME ZONE 'UTC') AS day, count(*) AS n FROM shop.loans GROUP BY 1;
        CREATE UNIQUE INDEX per_day_day ON shop.per_day (day);
        CREATE MATERIALIZED VIEW shop.unfilled AS SELECT 1 AS one WITH NO DATA;
        CREATE RULE protect AS ON DELETE TO shop.parent WHERE OLD.a = 1 DO INSTEAD NOTHING;

        ALTER TABLE public.books ENABLE ROW LEVEL SECURITY;
        ALTER TABLE shop.parent ENABLE ROW LEVEL SECURITY;
        ALTER TABLE shop.parent FORCE ROW LEVEL SECURITY;
        CREATE POLICY "see, ""new"" ones" ON public.books FOR SELECT TO visitor, readers USING (status IN ('new', 'lent'));
        CREATE POLICY only_mine ON public.books AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (true) WITH CHECK (price < 100);

        CREATE PUBLICATION everything FOR TABLE public.books (id, title) WHERE (id > 5), shop.parent WITH (publish = 'insert');
        CREATE PUBLICATION whole_shop FOR TABLES IN SCHEMA shop WITH (publish = 'insert', publish_via_partition_root);
        CREATE FOREIGN DATA WRAPPER nowhere;
        CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'far.example', secret_key 'do not look');
        CREATE USER MAPPING FOR visitor SERVER far OPTIONS (password 'do not look');
        CREATE FOREIGN TABLE shop.far_books (a int, b text NOT NULL) SERVER far OPTIONS (path 'x');
        CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
        CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION public.on_ddl();
        ALTER EVENT TRIGGER watch DISABLE;

        ALTER DEFAULT PRIVILEGES FOR ROLE librarian IN SCHEMA shop GRANT SELECT ON TABLES TO visitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE librarian REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

        CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq, COMMUTATOR = OPERATOR(public.===));
        CREATE CAST (public.mood AS public.isbn) WITH INOUT AS ASSIGNMENT;
        CREATE TEXT SEARCH DICTIONARY public.plain_dict (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
        CREATE TEXT SEARCH CONFIGURATION public.plain_search (COPY = pg_catalog.simple);
        ALTER TEXT SEARCH CONFIGURATION public.plain_search ALTER MAPPING FOR word WITH public.plain_dict;

        COMMENT ON TABLE public.books IS 'The books: "all" of them';
        COMMENT ON COLUMN public.books.title IS E'multi\nline';
        COMMENT ON CONSTRAINT books_pkey ON public.books IS 'key';
        COMMENT ON TYPE public.mood IS 'mood';
        COMMENT ON FUNCTION public.total IS 'totals';
        COMMENT ON INDEX public.books_status IS 'why';

        SELECT lo_from_bytea(90001, '\x0102030405'), lo_from_bytea(90002, decode(repeat('ab', 5000), 'hex'));
        COMMENT ON LARGE OBJECT 90001 IS 'a picture';
        ALTER LARGE OBJECT 90002 OWNER TO librarian;
        GRANT SELECT ON LARGE OBJECT 90001 TO visitor;
        """#

    static func properties(of database: String) -> String { properties.replacing("CURRENT_NAME", with: database) }
    static func content(in database: String) -> String { properties(of: database) + content }
}
