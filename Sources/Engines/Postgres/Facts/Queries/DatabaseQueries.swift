/// The database as such, the server it lives in, and what is set for it.
enum DatabaseQueries {
    static let all = [server, database, settings, schemas, extensions, defaultPrivileges]

    /// For people and for judging versions; nothing of it is compared. The time is the snapshot's.
    static let server = FactQuery(
        "server",
        """
        SELECT 'postgres' AS name, current_setting('server_version') AS version, current_setting('server_version_num') AS "version number",
               CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
               (SELECT setting FROM pg_settings WHERE pg_settings.name = 'shared_preload_libraries') AS "preloaded libraries",
               pg_is_in_recovery() AS "in recovery", (SELECT reset_val FROM pg_settings WHERE pg_settings.name = 'TimeZone') AS timezone,
               round(extract(epoch FROM transaction_timestamp()) * 1000)::bigint::text AS "time in milliseconds",
               CASE WHEN pg_is_in_recovery() THEN round(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000) END::bigint::text
                   AS "replayed in milliseconds",
               pg_database_size(current_database())::text AS "database bytes"
        """)

    /// Only after `has_function_privilege` has said yes: hardened servers keep it to themselves.
    static let mayReadSystemIdentifier = "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
    static let systemIdentifier = "SELECT system_identifier::text FROM pg_control_system()"

    static let database = FactQuery(
        "database",
        """
        SELECT quote_ident(d.datname) AS name, pg_encoding_to_char(d.encoding) AS encoding, d.datcollate::text AS collation,
               d.datctype::text AS "character type",
               CASE to_jsonb(d)->>'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
               coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') AS locale, to_jsonb(d)->>'daticurules' AS "icu rules",
               to_jsonb(d)->>'datcollversion' AS "collation version", quote_ident(t.spcname) AS tablespace,
               \(FactSQL.role("d.datdba")) AS owner, d.datconnlimit::text AS "connection limit", d.datallowconn AS "allows connections",
               d.datistemplate AS "is template", shobj_description(d.oid, 'pg_database') AS comment,
               \(FactSQL.grants("d.datacl", type: "d", owner: "d.datdba")) AS grants
        FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = current_database()
        """)

    static let settings = FactQuery(
        "setting",
        """
        SELECT CASE WHEN s.setrole = 0 THEN '' ELSE 'role ' || quote_ident(r.rolname) || ': ' END || split_part(entry, '=', 1) AS name,
               quote_ident(r.rolname) AS role, split_part(entry, '=', 1) AS setting, substr(entry, strpos(entry, '=') + 1) AS value
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS entry
        WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)

    static let schemas = FactQuery(
        "schema",
        """
        SELECT quote_ident(n.nspname) AS name, \(FactSQL.role("n.nspowner")) AS owner,
               \(FactSQL.grants("n.nspacl", type: "n", owner: "n.nspowner")) AS grants
        FROM pg_namespace n WHERE \(FactSQL.isOfUsers(schema: "n")) AND \(FactSQL.isNotOfExtension("pg_namespace", "n.oid"))
        """)

    static let extensions = FactQuery(
        "extension",
        """
        SELECT quote_ident(e.extname) AS name, e.extversion AS version, quote_ident(n.nspname) AS schema
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        """)

    static let defaultPrivileges = FactQuery(
        "default privileges",
        """
        SELECT 'for ' || \(FactSQL.role("d.defaclrole")) || coalesce(' in ' || quote_ident(n.nspname), '') || ' on '
               || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
                       WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects' ELSE d.defaclobjtype::text END AS name,
               (SELECT jsonb_object_agg(grantee, privileges) FROM (
                    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE \(FactSQL.role("a.grantee")) END AS grantee,
                           string_agg(DISTINCT a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, ', ')
                               FILTER (WHERE a.privilege_type <> 'MAINTAIN') AS privileges
                    FROM aclexplode(d.defaclacl) a GROUP BY a.grantee) per_role WHERE privileges IS NOT NULL) AS grants
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        """)
}
