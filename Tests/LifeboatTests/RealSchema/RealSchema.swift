/// A database as companies have them after ten years: something of everything that PostgreSQL has.
enum RealSchema {
    /// Roles belong to the server.
    static let roles = #"""
        CREATE ROLE owner_of_all;
        CREATE ROLE analysts;
        CREATE ROLE anna LOGIN PASSWORD 'never seen' IN ROLE analysts;
        CREATE ROLE {role} NOLOGIN BYPASSRLS;
        GRANT {role} TO anna;
        """#

    static let database = #"""
        CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' OWNER owner_of_all CONNECTION LIMIT 40;
        ALTER DATABASE {database} SET search_path = {schema}, public;
        ALTER DATABASE {database} SET app.motto = 'it''s; "quoted"';
        ALTER ROLE anna IN DATABASE {database} SET work_mem = '9MB';
        COMMENT ON DATABASE {database} IS '<script>alert(4)</script>';
        GRANT CONNECT, TEMPORARY ON DATABASE {database} TO analysts WITH GRANT OPTION;
        """#

    static let content = #"""
        SET search_path = '';
        CREATE SCHEMA sales AUTHORIZATION owner_of_all;
        CREATE SCHEMA archive;
        CREATE SCHEMA {schema};
        CREATE SCHEMA extensions;
        GRANT USAGE ON SCHEMA sales TO analysts;
        GRANT ALL ON SCHEMA {schema} TO {role} WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE owner_of_all IN SCHEMA sales GRANT SELECT ON TABLES TO analysts;
        ALTER DEFAULT PRIVILEGES FOR ROLE owner_of_all GRANT USAGE ON SEQUENCES TO {role};
        ALTER DEFAULT PRIVILEGES FOR ROLE owner_of_all REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

        -- Types
        CREATE TYPE sales.state AS ENUM ('open', 'it''s paid', '<script>', {escapes_literal});
        CREATE TYPE sales.address AS (street text, {column} text COLLATE "C", zip int);
        CREATE TYPE sales.price_range AS RANGE (subtype = numeric, multirange_type_name = sales.price_ranges);
        CREATE DOMAIN sales.sku AS text COLLATE "C" CONSTRAINT shape CHECK (VALUE ~ '^[A-Z]{2}-[0-9]+$');
        CREATE DOMAIN sales.amount AS numeric(12,2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0);
        CREATE COLLATION sales.plain (provider = libc, locale = 'C');

        -- Partitions: range, then list with a default, then hash
        CREATE SEQUENCE sales.order_numbers START 1000 INCREMENT 5 CACHE 1 CYCLE MAXVALUE 900000;
        CREATE SEQUENCE archive.free_one AS smallint MINVALUE -5 START -5;
        SELECT nextval('archive.free_one'), nextval('archive.free_one');
        CREATE TABLE sales.customers (
            id bigint GENERATED ALWAYS AS IDENTITY (START 7 INCREMENT 3) PRIMARY KEY, name text NOT NULL, home sales.address,
            tags text[] DEFAULT '{}', extra jsonb, born date, score real, key bytea, seen inet, during tstzrange, mood sales.state DEFAULT 'open',
            initials text GENERATED ALWAYS AS (upper(substr(name, 1, 1))) STORED, UNIQUE (name) DEFERRABLE INITIALLY DEFERRED
        );
        INSERT INTO sales.customers (name, home, tags, extra, born, score, key, seen, during, mood)
            SELECT 'customer ' || i, ROW('street ' || i, E'a\tb\n\\.', i)::sales.address, ARRAY['x', NULL, 'q"uo,te'], jsonb_build_object('n', i, 'e', E'\u202e'),
                   DATE '2000-01-01' + i, i / 3.0::real, decode(md5(i::text), 'hex'), '10.0.0.1'::inet + i,
                   tstzrange('2026-01-01 00:00+00', NULL), (enum_range(NULL::sales.state))[1 + i % 4]
            FROM generate_series(1, 700) AS i;
        CREATE TABLE sales.orders (
            number bigint NOT NULL DEFAULT nextval('sales.order_numbers'), placed timestamptz NOT NULL, region text NOT NULL, customer bigint,
            total sales.amount, net numeric GENERATED ALWAYS AS (total / 1.19) STORED, sku sales.sku, PRIMARY KEY (placed, region, number)
        ) PARTITION BY RANGE (placed);
        ALTER SEQUENCE sales.order_numbers OWNED BY sales.orders.number;
        CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00');
        CREATE TABLE sales.orders_2026 PARTITION OF sales.orders FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2027-01-01 00:00+00') PARTITION BY LIST (region);
        CREATE TABLE sales.orders_2026_eu PARTITION OF sales.orders_2026 FOR VALUES IN ('de', 'fr') PARTITION BY HASH (number);
        CREATE TABLE sales.orders_2026_eu_0 PARTITION OF sales.orders_2026_eu FOR VALUES WITH (MODULUS 3, REMAINDER 0);
        CREATE TABLE sales.orders_2026_eu_1 PARTITION OF sales.orders_2026_eu FOR VALUES WITH (MODULUS 3, REMAINDER 1);
        CREATE TABLE sales.orders_2026_eu_2 PARTITION OF sales.orders_2026_eu FOR VALUES WITH (MODULUS 3, REMAINDER 2);
        CREATE TABLE sales.orders_2026_rest PARTITION OF sales.orders_2026 DEFAULT;
        CREATE TABLE archive.orders_ever PARTITION OF sales.orders DEFAULT;
        ALTER TABLE sales.orders ADD CONSTRAINT by_somebody FOREIGN KEY (customer) REFERENCES sales.customers ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
        CREATE INDEX orders_customer ON sales.orders (customer) INCLUDE (total) WHERE total > 10;
        INSERT INTO sales.orders (placed, region, customer, total, sku)
            SELECT timestamptz '2024-06-01 00:00+00' + i * interval '13 hours', (ARRAY['de', 'fr', 'us', 'jp'])[1 + i % 4], 7 + 3 * (i % 700), i, 'AB-' || i
            FROM generate_series(1, 1500) AS i;

        -- Inheritance, unlogged, typed, empty, exclusion, weights
        CREATE TABLE archive.parent (a int NOT NULL, CONSTRAINT positive CHECK (a > 0));
        CREATE TABLE archive.child (b int DEFAULT 7) INHERITS (archive.parent);
        CREATE TABLE archive.grandchild (c int) INHERITS (archive.child);
        INSERT INTO archive.parent VALUES (1), (2);
        INSERT INTO archive.child VALUES (3, 4);
        INSERT INTO archive.grandchild VALUES (5, 6, 7);
        CREATE UNLOGGED TABLE archive.cache (k int PRIMARY KEY, v text);
        INSERT INTO archive.cache SELECT i, i FROM generate_series(1, 40) AS i;
        CREATE TABLE archive.of_type OF sales.address;
        CREATE TABLE archive.nothing ();
        CREATE TABLE sales.rooms (room int, during tsrange, EXCLUDE USING gist (during WITH &&) WHERE (room = 1) DEFERRABLE, CHECK (room > 0) NO INHERIT);
        INSERT INTO sales.rooms SELECT 1, tsrange(timestamp '2026-01-01' + i * interval '1 day', timestamp '2026-01-02' + i * interval '1 day') FROM generate_series(1, 20) AS i;
        CREATE STATISTICS sales.related (ndistinct, dependencies, mcv) ON region, sku FROM sales.orders;
        ALTER STATISTICS sales.related SET STATISTICS 50;

        -- Names
        CREATE TABLE {schema}.{table} ({column} int PRIMARY KEY, {rtl} text DEFAULT {escapes_literal}, {emoji} text);
        INSERT INTO {schema}.{table} SELECT i, E'\x1b[2J\u202e', NULL FROM generate_series(1, 11) AS i;
        CREATE TABLE {schema}.{escapes} (a int);
        INSERT INTO {schema}.{escapes} VALUES (1), (2), (3);
        CREATE TABLE public.{rtl} ({longest} int);
        INSERT INTO public.{rtl} VALUES (1);
        CREATE TABLE {schema}.{longest} ({emoji} text);
        CREATE TABLE public.{emoji} AS SELECT 1 AS {table};
        CREATE INDEX {rtl} ON {schema}.{escapes} (a);
        CREATE SEQUENCE public.{escapes};
        COMMENT ON TABLE {schema}.{table} IS E'\x1b[31m<script>alert(5)</script>\u202e';
        COMMENT ON COLUMN {schema}.{table}.{column} IS E'line\nbreak';

        -- Code
        CREATE FUNCTION sales.stamp() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.extra := coalesce(NEW.extra, '{}') || '{"stamped": true}'; RETURN NEW; END $f$;
        CREATE TRIGGER stamp BEFORE UPDATE OF name ON sales.customers FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION sales.stamp();
        CREATE FUNCTION sales.watch_orders() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$;
        CREATE TRIGGER {table} AFTER INSERT OR UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.watch_orders('it''s', {escapes_literal});
        CREATE CONSTRAINT TRIGGER later AFTER INSERT ON archive.parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales.watch_orders();
        CREATE TRIGGER many AFTER INSERT ON sales.customers REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION sales.watch_orders();
        ALTER TABLE sales.customers ENABLE ALWAYS TRIGGER many;
        CREATE FUNCTION sales.gross(net numeric, VARIADIC rates numeric[] DEFAULT '{}') RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
            SET search_path = pg_catalog AS 'SELECT net * 1.19';
        CREATE FUNCTION sales.busy(OUT who text, OUT n bigint) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER ROWS 3 AS 'SELECT ''x'', 1::bigint';
        CREATE FUNCTION sales.is_big(n numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n > 100;
        CREATE PROCEDURE sales.tidy(INOUT n int, note text DEFAULT '<script>') LANGUAGE plpgsql AS $p$ BEGIN n := n + 1; END $p$;
        CREATE FUNCTION sales.longer(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN length($1) > length($2) THEN $1 ELSE $2 END';
        CREATE AGGREGATE sales.longest(text) (SFUNC = sales.longer, STYPE = text, INITCOND = '', PARALLEL = safe);
        CREATE AGGREGATE sales.middle(float8 ORDER BY float8) (SFUNC = pg_catalog.ordered_set_transition, STYPE = internal, FINALFUNC = pg_catalog.percentile_disc_final, FINALFUNC_EXTRA);
        CREATE FUNCTION sales.same(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT lower($1) = lower($2)';
        CREATE OPERATOR sales.=~= (LEFTARG = text, RIGHTARG = text, FUNCTION = sales.same, COMMUTATOR = OPERATOR(sales.=~=));
        CREATE FUNCTION sales.to_state(text) RETURNS sales.state LANGUAGE sql IMMUTABLE AS 'SELECT ''open''::sales.state';
        CREATE CAST (text AS sales.state) WITH FUNCTION sales.to_state(text) AS ASSIGNMENT;
        CREATE OPERATOR FAMILY sales.backwards USING btree;
        CREATE OPERATOR CLASS sales.int_backwards FOR TYPE int USING btree FAMILY sales.backwards AS
            OPERATOR 1 pg_catalog.>(int, int), OPERATOR 2 pg_catalog.>=(int, int), OPERATOR 3 pg_catalog.=(int, int), OPERATOR 4 pg_catalog.<=(int, int),
            OPERATOR 5 pg_catalog.<(int, int), FUNCTION 1 pg_catalog.btint4cmp(int, int);
        CREATE INDEX big_ones ON sales.orders_2025 (sales.is_big(total)) WHERE sales.is_big(total);
        CREATE INDEX sorted ON sales.customers (name COLLATE sales.plain DESC NULLS LAST, (extra ->> 'n') text_pattern_ops) WITH (fillfactor = 71);
        CREATE INDEX found ON sales.customers USING gin (to_tsvector('simple', name));
        CREATE RULE no_delete AS ON DELETE TO archive.parent WHERE OLD.a = 1 DO INSTEAD NOTHING;
        CREATE TEXT SEARCH DICTIONARY sales.plain_words (TEMPLATE = pg_catalog.simple);
        CREATE TEXT SEARCH CONFIGURATION sales.plain_search (COPY = pg_catalog.simple);
        ALTER TEXT SEARCH CONFIGURATION sales.plain_search ALTER MAPPING FOR word, asciiword WITH sales.plain_words;

        -- Views upon views
        CREATE VIEW sales.open_orders WITH (security_barrier, security_invoker) AS SELECT * FROM sales.orders WHERE total > 5 WITH LOCAL CHECK OPTION;
        CREATE VIEW archive.count_down AS WITH RECURSIVE down (n) AS (VALUES (3) UNION ALL SELECT n - 1 FROM down WHERE n > 0) SELECT n FROM down;
        CREATE MATERIALIZED VIEW sales.per_region AS SELECT region, count(*) AS n, sum(total) AS total FROM sales.open_orders GROUP BY region;
        CREATE UNIQUE INDEX per_region_region ON sales.per_region (region);
        CREATE MATERIALIZED VIEW archive.best_region AS SELECT region FROM sales.per_region ORDER BY total DESC LIMIT 2;
        CREATE MATERIALIZED VIEW {schema}.{emoji} AS SELECT count(*) AS {column} FROM archive.best_region;
        CREATE MATERIALIZED VIEW sales.never_filled AS SELECT 1 AS one WITH NO DATA;

        -- Who may see what
        ALTER TABLE sales.customers ENABLE ROW LEVEL SECURITY;
        ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY;
        ALTER TABLE sales.orders FORCE ROW LEVEL SECURITY;
        CREATE POLICY own_rows ON sales.customers FOR SELECT TO analysts, {role} USING (name = CURRENT_USER);
        CREATE POLICY {table} ON sales.orders AS RESTRICTIVE TO PUBLIC USING (total < 1000) WITH CHECK (total < 1000);
        GRANT SELECT (id, name), UPDATE (name) ON sales.customers TO {role} WITH GRANT OPTION;
        GRANT SELECT, INSERT ON sales.orders TO analysts;
        REVOKE ALL ON FUNCTION sales.gross FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION sales.gross TO analysts;
        GRANT USAGE ON TYPE sales.state TO analysts;
        ALTER TABLE sales.customers OWNER TO owner_of_all;
        ALTER TABLE {schema}.{table} OWNER TO {role};
        ALTER FUNCTION sales.stamp() OWNER TO {role};

        -- What reaches out
        CREATE FUNCTION public.on_change() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
        CREATE EVENT TRIGGER {rtl} ON ddl_command_end EXECUTE FUNCTION public.on_change();
        CREATE PUBLICATION {emoji} FOR TABLE sales.customers (id, name) WHERE (id > 5), archive.parent;
        CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA archive WITH (publish = 'insert', publish_via_partition_root);
        CREATE SUBSCRIPTION {rtl} CONNECTION 'host=127.0.0.1 port=1 password=sekrit-of-subscription' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);
        CREATE FOREIGN DATA WRAPPER nowhere;
        CREATE SERVER {table} FOREIGN DATA WRAPPER nowhere OPTIONS (host 'far.example');
        CREATE USER MAPPING FOR anna SERVER {table} OPTIONS (password 'sekrit-of-mapping');
        CREATE FOREIGN TABLE sales.far_away (a int, {column} text NOT NULL) SERVER {table} OPTIONS (path '<script>');

        -- Large objects
        SELECT lo_from_bytea(70001, '\x0102030405'), lo_from_bytea(70002, decode(repeat('ab', 300000), 'hex')), lo_from_bytea(70003, '');
        COMMENT ON LARGE OBJECT 70001 IS '<script>alert(6)</script>';
        ALTER LARGE OBJECT 70002 OWNER TO owner_of_all;
        GRANT SELECT, UPDATE ON LARGE OBJECT 70001 TO {role};
        COMMENT ON SCHEMA sales IS 'sales';
        COMMENT ON TYPE sales.state IS 'states';
        COMMENT ON FUNCTION sales.gross(numeric, numeric[]) IS 'with tax';
        COMMENT ON TRIGGER stamp ON sales.customers IS 'stamps';
        COMMENT ON POLICY own_rows ON sales.customers IS 'one''s own';
        COMMENT ON ROLE anna IS 'not in the backup';
        """#

    /// With PostgreSQL 16 of the wheel.
    static let vectors = #"""
        CREATE EXTENSION vector SCHEMA extensions;
        CREATE TABLE sales.embeddings (id int PRIMARY KEY, v extensions.vector(8) NOT NULL);
        INSERT INTO sales.embeddings SELECT i, ARRAY[i, i % 7, 1, 2, 3, 4, 5, i % 3]::real[]::extensions.vector FROM generate_series(1, 300) AS i;
        CREATE INDEX nearest ON sales.embeddings USING hnsw (v extensions.vector_l2_ops);
        """#

    /// With Debian's.
    static let contrib = #"""
        CREATE EXTENSION pg_trgm SCHEMA extensions;
        CREATE EXTENSION hstore SCHEMA extensions;
        CREATE EXTENSION citext SCHEMA extensions;
        CREATE EXTENSION btree_gist SCHEMA extensions;
        CREATE EXTENSION "uuid-ossp" SCHEMA extensions;
        CREATE EXTENSION ltree SCHEMA public;
        CREATE EXTENSION postgres_fdw SCHEMA extensions;
        CREATE EXTENSION pg_stat_statements SCHEMA extensions;
        CREATE EXTENSION intarray SCHEMA extensions;
        CREATE EXTENSION unaccent SCHEMA extensions;
        CREATE TABLE sales.words (id uuid DEFAULT extensions.uuid_generate_v4() PRIMARY KEY, word extensions.citext UNIQUE, pairs extensions.hstore, path public.ltree, room int, during tstzrange,
            EXCLUDE USING gist (room extensions.gist_int4_ops WITH =, during WITH &&));
        INSERT INTO sales.words (word, pairs, path, room, during)
            SELECT 'Word ' || i, extensions.hstore('k', i::text), ('top.n' || i)::public.ltree, i, 'empty' FROM generate_series(1, 250) AS i;
        CREATE INDEX words_like ON sales.words USING gin ((word::text) extensions.gin_trgm_ops);
        CREATE INDEX words_path ON sales.words USING gist (path);
        CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'x');
        CREATE FOREIGN TABLE sales.elsewhere (a int) SERVER elsewhere;
        CREATE USER MAPPING FOR anna SERVER elsewhere OPTIONS (user 'x', password 'sekrit-of-mapping');
        """#
}
