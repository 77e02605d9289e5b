/// The roles that the database's objects belong to, are granted to, or are set up for, and the roles those are members of. Never a password.
enum RoleQueries {
    static let all = [roles]

    /// `pg_shdepend` does not list the role that initdb made, so owners are collected as well. Roles that begin with `pg_` are the server's.
    static let roles = FactQuery(
        "role",
        """
        WITH RECURSIVE here AS (SELECT oid, datdba FROM pg_database WHERE datname = current_database()),
        referenced AS (
            SELECT refobjid AS oid FROM pg_shdepend, here
            WHERE refclassid = 'pg_authid'::regclass AND (dbid = here.oid OR dbid = 0 AND classid = 'pg_database'::regclass AND objid = here.oid)
            UNION SELECT datdba FROM here
            UNION SELECT setrole FROM pg_db_role_setting, here WHERE setdatabase = here.oid
            UNION SELECT relowner FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't'
            UNION SELECT proowner FROM pg_proc WHERE oid >= 16384
            UNION SELECT typowner FROM pg_type WHERE oid >= 16384
            UNION SELECT nspowner FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_'
            UNION SELECT lomowner FROM pg_largeobject_metadata
        ),
        needed AS (
            SELECT oid FROM referenced
            UNION SELECT m.roleid FROM pg_auth_members m JOIN needed ON needed.oid = m.member
        )
        SELECT quote_ident(r.rolname) AS name, r.rolsuper AS superuser, r.rolinherit AS inherit, r.rolcreaterole AS "create role",
               r.rolcreatedb AS "create database", r.rolcanlogin AS login, r.rolreplication AS replication,
               r.rolbypassrls AS "bypass row security", r.rolconnlimit::text AS "connection limit",
               to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS "valid until",
               (SELECT jsonb_agg(quote_ident(g.rolname) ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                WHERE m.member = r.oid)::text AS "member of",
               (SELECT jsonb_agg(entry ORDER BY entry) FROM pg_db_role_setting s, unnest(s.setconfig) AS entry
                WHERE s.setdatabase = 0 AND s.setrole = r.oid)::text AS settings
        FROM pg_roles r JOIN needed ON needed.oid = r.oid WHERE r.rolname !~ '^pg_'
        """)
}
