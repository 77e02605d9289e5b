/// What reaches out of the database: other servers, replication. Never what they log in with.
enum OutsideQueries {
    static let all = [
        wrappers, servers, userMappings, publications, publishedTables, wholePublishedTables, publishedSchemas, subscriptions,
    ]

    static let wrappers = FactQuery(
        "foreign data wrapper",
        """
        SELECT quote_ident(w.fdwname) AS name, nullif(w.fdwhandler, 0)::regprocedure::text AS handler,
               nullif(w.fdwvalidator, 0)::regprocedure::text AS validator, \(FactSQL.role("w.fdwowner")) AS owner,
               \(FactSQL.grants("w.fdwacl", type: "F", owner: "w.fdwowner")) AS grants
        FROM pg_foreign_data_wrapper w WHERE \(FactSQL.isNotOfExtension("pg_foreign_data_wrapper", "w.oid"))
        """)

    /// Of the options only the names, and the values of those that say where: other wrappers may keep secrets here.
    static let servers = FactQuery(
        "foreign server",
        """
        SELECT quote_ident(s.srvname) AS name, quote_ident(w.fdwname) AS wrapper, s.srvtype AS type, s.srvversion AS version,
               (SELECT string_agg(option_name || CASE WHEN option_name IN ('host', 'hostaddr', 'port', 'dbname') THEN '=' || option_value ELSE '' END,
                                  ', ' ORDER BY option_name) FROM pg_options_to_table(s.srvoptions)) AS options,
               \(FactSQL.role("s.srvowner")) AS owner, \(FactSQL.grants("s.srvacl", type: "S", owner: "s.srvowner")) AS grants
        FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
        WHERE \(FactSQL.isNotOfExtension("pg_foreign_server", "s.oid"))
        """)

    static let userMappings = FactQuery(
        "user mapping",
        """
        SELECT 'for ' || CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END || ' on ' || quote_ident(m.srvname) AS name
        FROM pg_user_mappings m
        """)

    static let publications = FactQuery(
        "publication",
        """
        SELECT quote_ident(p.pubname) AS name, \(FactSQL.role("p.pubowner")) AS owner, p.puballtables AS "all tables",
               concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                         CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publishes,
               CASE WHEN (to_jsonb(p)->>'pubviaroot')::boolean THEN 'root' ELSE 'partition' END AS "publishes as"
        FROM pg_publication p
        """)

    static let publishedTables = FactQuery(
        "published table", since: 150000,
        """
        SELECT \(publishedName) AS name, pg_get_expr(r.prqual, r.prrelid) AS where,
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) AS columns
        FROM \(published)
        """)

    /// Before rows and columns could be chosen.
    static let wholePublishedTables = FactQuery("published table", below: 150000, "SELECT \(publishedName) AS name FROM \(published)")

    private static let publishedName = FactSQL.qualified("n.nspname", "c.relname") + " || ' in ' || quote_ident(p.pubname)"
    private static let published = """
        pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        """

    static let publishedSchemas = FactQuery(
        "published schema", since: 150000,
        """
        SELECT quote_ident(n.nspname) || ' in ' || quote_ident(p.pubname) AS name
        FROM pg_publication_namespace s JOIN pg_publication p ON p.oid = s.pnpubid JOIN pg_namespace n ON n.oid = s.pnnspid
        """)

    /// Column by column: what it connects with may be read by superusers only, and is nobody's business here.
    static let subscriptions = FactQuery(
        "subscription",
        """
        SELECT quote_ident(s.subname) AS name, s.subenabled AS enabled, quote_ident(s.subslotname) AS slot, \(FactSQL.role("s.subowner")) AS owner,
               \(FactSQL.sorted("s.subpublications")) AS publications
        FROM pg_subscription s WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
}
