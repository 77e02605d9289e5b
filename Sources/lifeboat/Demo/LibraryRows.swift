extension LibraryData {
    /// Made by the server itself: a few kilobytes of SQL, a second of time.
    static let rows = #"""
        -- Between 0 and 1, the same on every machine and every version: the extended hashes decide in which hash partition a row
        -- lies on disk, so they may not change. random() may.
        CREATE FUNCTION pg_temp.share(number bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
            AS 'SELECT hashint8extended(number, salt)::double precision / 18446744073709551616 + 0.5';
        CREATE FUNCTION pg_temp.pick(words text[], number bigint, salt bigint) RETURNS text LANGUAGE sql IMMUTABLE
            AS 'SELECT words[1 + floor(pg_temp.share(number, salt) * cardinality(words))::integer]';

        INSERT INTO catalogue.books (id, isbn, title, author, shelf, published, copies, updated_at)
        SELECT i,
            '978' || lpad((i * 4391)::text, 10, '0'),
            'The ' || pg_temp.pick('{Quiet,Last,Hidden,Northern,Patient,Salt,Broken,Early,Distant,Paper}', i, 1) || ' '
                || pg_temp.pick('{Harbour,Orchard,Ledger,Garden,Compass,Winter,Lantern,Archive,Tide,Cartographer}', i, 2),
            pg_temp.pick('{Ada,Ngozi,Ivo,Mei,Jorun,Tomás,Leyla,Anselm,Priya,Łucja}', i, 3) || ' '
                || pg_temp.pick('{Okafor,Lindqvist,Moreau,Tanaka,O''Neill,García,Haddad,Brandt,Iyer,Nowak}', i, 4),
            pg_temp.pick('{history,botany,astronomy,seafaring,cookery,music,law,medicine,poetry,machines,travel,gardens}', i, 5),
            1900 + floor(pg_temp.share(i, 6) * 120)::integer,
            1 + floor(pg_temp.share(i, 7) * 4)::integer,
            now() - interval '30 days' - make_interval(mins => i::integer)
        FROM generate_series(1, 2000) AS i;

        -- An embedding leans towards its book's shelf, then towards the book, and is then its own.
        INSERT INTO catalogue.chunks (id, book, page, body, embedding)
        SELECT i, b.id, 1 + (i - 1) % 4,
            'On ' || b.shelf || ': the ' || pg_temp.pick('{old,careful,first,bright,slow,narrow,seventh,common}', i, 11) || ' '
                || pg_temp.pick('{reader,voyage,recipe,star,seed,engine,verdict,melody,remedy,letter}', i, 12) || ' '
                || pg_temp.pick('{keeps,crosses,explains,forgets,measures,repairs,follows,remembers}', i, 13) || ' the '
                || pg_temp.pick('{river,machine,question,winter,harbour,garden,night,promise}', i, 14) || ', as '
                || b.author || ' wrote in ' || b.published || '.',
            (SELECT array_agg(
                (pg_temp.share(floor(pg_temp.share(b.id, 5) * 12)::bigint * 1000 + d, 21) + 0.7 * pg_temp.share(b.id * 1000 + d, 22)
                    + 0.5 * pg_temp.share(i * 1000 + d, 23) - 1.1)::real ORDER BY d)
             FROM generate_series(1, 384) AS d)::vector
        FROM generate_series(1, 8000) AS i JOIN catalogue.books b ON b.id = 1 + (i - 1) / 4;

        INSERT INTO lending.readers (id, name, email, standing, joined)
        SELECT i,
            pg_temp.pick('{Amara,Björn,Chen,Dalia,Emil,Fatou,Goran,Hana,Ines,Jonas}', i, 31) || ' '
                || pg_temp.pick('{Abbott,Blum,Castro,Diallo,Endo,Fischer,Greco,Holm,Ito,Jansen}', i, 32),
            'reader' || i || '@library.example',
            (CASE WHEN pg_temp.share(i, 33) < 0.9 THEN 'good' WHEN pg_temp.share(i, 33) < 0.97 THEN 'reminded' ELSE 'blocked' END)::lending.standing,
            current_date - (30 + floor(pg_temp.share(i, 34) * 3000)::integer)
        FROM generate_series(1, 500) AS i;

        -- The newest was lent two minutes ago, the oldest about a year.
        INSERT INTO lending.loans (number, reader, book, lent_at, due_at, returned_at)
        SELECT i, 1 + floor(pg_temp.share(i, 41) * 500)::bigint, 1 + floor(pg_temp.share(i, 42) * 2000)::bigint,
            lent_at, lent_at + interval '28 days',
            CASE WHEN pg_temp.share(i, 43) < 0.95 AND lent_at + days < now() THEN lent_at + days END
        FROM generate_series(1, 5000) AS i,
            LATERAL (SELECT now() - interval '2 minutes' - make_interval(mins => (5000 - i) * 105),
                make_interval(days => 1 + floor(pg_temp.share(i, 44) * 40)::integer)) AS loan(lent_at, days);

        SELECT setval(pg_get_serial_sequence('catalogue.books', 'id'), 2000),
            setval(pg_get_serial_sequence('catalogue.chunks', 'id'), 8000),
            setval(pg_get_serial_sequence('lending.readers', 'id'), 500),
            setval('lending.loan_numbers', 5000);
        """#

    /// After the rows, which is faster.
    static let indexes = #"""
        CREATE INDEX chunks_by_words ON catalogue.chunks USING gin (words);
        CREATE INDEX chunks_by_embedding ON catalogue.chunks USING hnsw (embedding vector_l2_ops) WITH (ef_construction = 128);
        CREATE MATERIALIZED VIEW catalogue.shelves AS
            SELECT shelf, count(*) AS books, sum(copies) AS copies, max(published) AS newest FROM catalogue.books GROUP BY shelf;
        CREATE UNIQUE INDEX shelves_by_name ON catalogue.shelves (shelf);
        ANALYZE;
        """#
}
