/// SQL that the catalog's questions share. All of it expects an empty search path, so that every name comes out qualified.
enum FactSQL {
    /// Leaves out the schemas that PostgreSQL keeps for itself; nobody else can make one that begins with `pg_`.
    static func isOfUsers(schema: String) -> String { "\(schema).nspname !~ '^pg_' AND \(schema).nspname <> 'information_schema'" }

    /// Leaves out what an extension brought: it comes back with the extension, at whatever version that has.
    static func isNotOfExtension(_ catalog: String, _ oid: String) -> String {
        """
        NOT EXISTS (SELECT FROM pg_depend extension_member WHERE extension_member.classid = '\(catalog)'::regclass
                    AND extension_member.objid = \(oid) AND extension_member.deptype = 'e')
        """
    }

    static func qualified(_ schema: String, _ name: String) -> String { "quote_ident(\(schema)) || '.' || quote_ident(\(name))" }

    /// A role's name by its oid.
    static func role(_ oid: String) -> String { "(SELECT quote_ident(rolname) FROM pg_roles WHERE pg_roles.oid = \(oid))" }

    /// The hash of a text that is compared and not shown.
    static func hash(_ text: String) -> String { "encode(sha256(convert_to(\(text), 'UTF8')), 'hex')" }

    static func sorted(_ array: String) -> String {
        "(SELECT string_agg(element, ', ' ORDER BY element COLLATE \"C\") FROM unnest(\(array)) AS element)"
    }

    /// An access control list as a JSON object of role and privileges, the same however it came to be: a list that was never touched and
    /// one that says the same thing are equal, who granted is left out, and all that there is to grant is `ALL`, since newer servers
    /// have more to grant.
    /// - Parameter type: as `acldefault` takes it.
    static func grants(_ list: String, type: Character, owner: String) -> String {
        let everything =
            type == "c"
            ? "ARRAY['INSERT', 'REFERENCES', 'SELECT', 'UPDATE']"
            : """
            (SELECT array_agg(possible.privilege_type ORDER BY possible.privilege_type)
             FROM aclexplode(acldefault('\(type)', \(owner))) possible WHERE possible.grantee = \(owner))
            """
        return """
            (SELECT jsonb_object_agg(grantee, privileges) FROM (
                SELECT CASE WHEN grantee = 0 THEN 'PUBLIC' WHEN grantee = \(owner) THEN 'its owner'
                            ELSE coalesce((SELECT quote_ident(rolname) FROM pg_roles WHERE pg_roles.oid = grantee), 'nobody') END AS grantee,
                       CASE WHEN array_agg(privilege ORDER BY privilege) = \(everything) THEN 'ALL'
                            ELSE string_agg(privilege, ', ' ORDER BY privilege) END
                       || CASE WHEN bool_or(grantable) AND NOT bool_and(grantable)
                               THEN ' (with grant option: ' || string_agg(privilege, ', ' ORDER BY privilege) FILTER (WHERE grantable) || ')'
                               WHEN bool_or(grantable) AND grantee <> \(owner) THEN ' with grant option' ELSE '' END AS privileges
                FROM (SELECT granted.grantee, granted.privilege_type AS privilege, bool_or(granted.is_grantable) AS grantable
                      FROM aclexplode(coalesce(\(list), acldefault('\(type)', \(owner)))) granted GROUP BY 1, 2) single
                GROUP BY grantee) per_role)
            """
    }
}
