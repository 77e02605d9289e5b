/// Tables, views and what hangs on them.
enum TableQueries {
    static let all = [relations, columns, sequences, indexes, constraints, triggers, policies, rules, statistics]

    private static let relationKind = """
        CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view'
             WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' END
        """

    /// Relations that are users' own and outlive their session.
    private static func isOwnRelation(_ kinds: String) -> String {
        """
        c.relkind IN (\(kinds)) AND c.relpersistence <> 't' AND \(FactSQL.isOfUsers(schema: "n"))
        AND \(FactSQL.isNotOfExtension("pg_class", "c.oid"))
        """
    }

    private static let relationName = FactSQL.qualified("n.nspname", "c.relname")
    private static let relation = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"

    static let relations = FactQuery(
        "table",
        """
        SELECT \(relationName) AS name, \(relationKind) AS kind,
               CASE c.relkind WHEN 'r' THEN 'ordinary' WHEN 'p' THEN 'partitioned' END AS form,
               CASE WHEN c.relkind IN ('r', 'p', 'm') THEN CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END END AS persistence,
               \(FactSQL.role("c.relowner")) AS owner, am.amname AS "access method", quote_ident(ts.spcname) AS tablespace,
               CASE WHEN c.relrowsecurity THEN CASE WHEN c.relforcerowsecurity THEN 'enabled and forced' ELSE 'enabled' END
                    WHEN c.relforcerowsecurity THEN 'disabled, forced' WHEN c.relkind IN ('r', 'p') THEN 'disabled' END AS "row-level security",
               \(FactSQL.sorted("c.reloptions")) AS options, \(FactSQL.sorted("toast.reloptions")) AS "toast options",
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partition key",
               CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partition bound",
               (SELECT string_agg(\(FactSQL.qualified("pn.nspname", "pc.relname")), ', ' ORDER BY i.inhseqno)
                FROM pg_inherits i JOIN pg_class pc ON pc.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                WHERE i.inhrelid = c.oid) AS parents,
               CASE WHEN c.relkind IN ('r', 'p', 'm') THEN CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing'
                    ELSE (SELECT 'index ' || quote_ident(ic.relname) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
                          WHERE i.indrelid = c.oid AND i.indisreplident) END END AS "replica identity",
               CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "of type",
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
               CASE WHEN c.relkind = 'm' THEN c.relispopulated END AS populated,
               (SELECT quote_ident(fs.srvname) FROM pg_foreign_table ft JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
                WHERE ft.ftrelid = c.oid) AS server,
               CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid)::text END AS bytes,
               \(FactSQL.grants("c.relacl", type: "r", owner: "c.relowner")) AS grants
        FROM \(relation) LEFT JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
             LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
        WHERE \(isOwnRelation("'r', 'p', 'f', 'v', 'm'"))
        """)

    /// Positions are counted over the columns that are left: a dump has none of the dropped ones.
    static let columns = FactQuery(
        "column",
        """
        SELECT \(relationName) || '.' || quote_ident(a.attname) AS name,
               \(relationName) AS "on",
               (row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum))::text AS position,
               format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "not null",
               CASE WHEN a.attgenerated = '' THEN pg_get_expr(ad.adbin, ad.adrelid) END AS "default",
               CASE WHEN a.attgenerated <> '' THEN pg_get_expr(ad.adbin, ad.adrelid) END AS generated,
               CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS "generated how",
               CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
               CASE WHEN a.attcollation <> t.typcollation THEN
                   (SELECT \(FactSQL.qualified("cn.nspname", "co.collname")) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                    WHERE co.oid = a.attcollation) END AS collation,
               CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
               CASE to_jsonb(a)->>'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
               CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END AS "statistics target",
               \(FactSQL.sorted("array(SELECT entry FROM unnest(a.attoptions) AS entry WHERE entry !~ '^pg_attver=')")) AS options,
               CASE WHEN a.attacl IS NOT NULL THEN \(FactSQL.grants("a.attacl", type: "c", owner: "c.relowner")) END AS grants
        FROM \(relation) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
        WHERE \(isOwnRelation("'r', 'p', 'f', 'v', 'm', 'c'"))
        """)

    /// Without their values, which `SequenceValues` reads.
    static let sequences = FactQuery(
        "sequence",
        """
        SELECT \(relationName) AS name, \(FactSQL.role("c.relowner")) AS owner, format_type(s.seqtypid, NULL) AS type,
               s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS minimum, s.seqmax::text AS maximum,
               s.seqcache::text AS cache, s.seqcycle AS cycle,
               (SELECT \(FactSQL.qualified("tn.nspname", "tc.relname")) || '.' || quote_ident(ta.attname)
                FROM pg_depend d JOIN pg_class tc ON tc.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = tc.relnamespace
                     JOIN pg_attribute ta ON ta.attrelid = d.refobjid AND ta.attnum = d.refobjsubid
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                LIMIT 1) AS "owned by",
               \(FactSQL.grants("c.relacl", type: "s", owner: "c.relowner")) AS grants
        FROM \(relation) JOIN pg_sequence s ON s.seqrelid = c.oid WHERE \(isOwnRelation("'S'"))
        """)

    static let indexes = FactQuery(
        "index",
        """
        SELECT \(FactSQL.qualified("n.nspname", "ic.relname")) AS name, \(relationName) AS "on", pg_get_indexdef(i.indexrelid) AS definition,
               i.indisvalid AS valid, i.indisready AS ready, i.indisunique AS "unique", i.indisprimary AS "primary",
               i.indisclustered AS "clustered on", quote_ident(ts.spcname) AS tablespace,
               (SELECT string_agg(a.attnum || ':' || a.attstattarget, ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS "statistics targets"
        FROM \(relation) JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid
             LEFT JOIN pg_tablespace ts ON ts.oid = ic.reltablespace
        WHERE \(isOwnRelation("'r', 'p', 'm'"))
        """)

    /// Without what newer servers also keep as constraints (NOT NULL, a fact of the column), constraint triggers (triggers), and the
    /// copies that a foreign key of or to a partitioned table has on the partitions: their names depend on the order of creation.
    static let constraints = FactQuery(
        "constraint",
        """
        SELECT quote_ident(con.conname) || ' on ' || CASE WHEN con.conrelid <> 0 THEN \(relationName)
                    ELSE 'domain ' || \(FactSQL.qualified("tn.nspname", "t.typname")) END AS name,
               CASE WHEN con.conrelid <> 0 THEN \(relationName) ELSE \(FactSQL.qualified("tn.nspname", "t.typname")) END AS "on",
               CASE con.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
                    WHEN 'x' THEN 'exclusion' ELSE con.contype::text END AS type,
               pg_get_constraintdef(con.oid) AS definition, con.convalidated AS validated
        FROM pg_constraint con LEFT JOIN (\(relation)) ON c.oid = con.conrelid
             LEFT JOIN (pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace) ON t.oid = con.contypid
        WHERE con.contype NOT IN ('t', 'n') AND NOT (con.contype = 'f' AND con.conparentid <> 0)
              AND (con.conrelid <> 0 AND \(isOwnRelation("'r', 'p', 'f'"))
                   OR con.contypid <> 0 AND \(FactSQL.isOfUsers(schema: "tn")) AND \(FactSQL.isNotOfExtension("pg_type", "t.oid")))
        """)

    /// Without those that carry out foreign keys and deferred unique constraints.
    static let triggers = FactQuery(
        "trigger",
        """
        SELECT quote_ident(t.tgname) || ' on ' || \(relationName) AS name, \(relationName) AS "on", pg_get_triggerdef(t.oid) AS definition,
               CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END AS enabled
        FROM \(relation) JOIN pg_trigger t ON t.tgrelid = c.oid LEFT JOIN pg_constraint con ON con.oid = t.tgconstraint
        WHERE (t.tgconstraint = 0 OR con.contype = 't') AND \(isOwnRelation("'r', 'p', 'v', 'f'"))
        """)

    static let policies = FactQuery(
        "policy",
        """
        SELECT quote_ident(p.polname) || ' on ' || \(relationName) AS name, \(relationName) AS "on", CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END AS form,
               CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
               CASE WHEN p.polroles = '{0}' THEN 'PUBLIC'
                    ELSE (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles r WHERE r.oid = ANY (p.polroles)) END AS roles,
               pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS "with check"
        FROM \(relation) JOIN pg_policy p ON p.polrelid = c.oid WHERE \(isOwnRelation("'r', 'p'"))
        """)

    static let rules = FactQuery(
        "rule",
        """
        SELECT quote_ident(r.rulename) || ' on ' || \(relationName) AS name, \(relationName) AS "on", pg_get_ruledef(r.oid) AS definition,
               CASE r.ev_enabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END AS enabled
        FROM \(relation) JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN' AND \(isOwnRelation("'r', 'p', 'v', 'm', 'f'"))
        """)

    static let statistics = FactQuery(
        "statistics",
        """
        SELECT \(FactSQL.qualified("n.nspname", "s.stxname")) AS name, pg_get_statisticsobjdef(s.oid) AS definition,
               \(FactSQL.role("s.stxowner")) AS owner,
               CASE WHEN (to_jsonb(s)->>'stxstattarget')::int >= 0 THEN to_jsonb(s)->>'stxstattarget' END AS "statistics target"
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
        WHERE \(FactSQL.isOfUsers(schema: "n")) AND \(FactSQL.isNotOfExtension("pg_statistic_ext", "s.oid"))
        """)
}
