import Bindings
import Recovery

/// A database as the server's catalogue describes it.
package struct PostgresDatabase: Sendable, Codable, Equatable {
    package let oid: String
    package let isTemplate: Bool
    package let allowsConnections: Bool
    /// How to make it again.
    package let definition: DatabaseDefinition

    package var name: String { definition.name }

    /// Throws `PostgresError`.
    static func find(_ name: String, through session: PostgresConnection) async throws -> PostgresDatabase? {
        // The columns for other providers than libc came and were renamed with 15, 16 and 17.
        let answer = try await session.ask(
            """
            SELECT d.oid, datistemplate, datallowconn, json_build_object(
                'name', datname, 'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding),
                'collation', datcollate, 'characterType', datctype,
                'provider', CASE to_jsonb(d)->>'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                'providerLocale', coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale'),
                'icuRules', to_jsonb(d)->>'daticurules', 'connectionLimit', datconnlimit,
                'comment', shobj_description(d.oid, 'pg_database'),
                'settings', coalesce((
                    SELECT json_agg(json_build_object(
                               'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END, 'name', split_part(entry, '=', 1),
                               'value', substr(entry, strpos(entry, '=') + 1)) ORDER BY s.setrole, position)
                    FROM pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY AS one(entry, position)
                    WHERE s.setdatabase = d.oid), '[]'),
                'rights', CASE WHEN datacl IS NOT NULL THEN coalesce((
                    SELECT json_agg(json_build_object(
                               'role', CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee) END, 'privilege', privilege_type,
                               'grantable', is_grantable))
                    FROM aclexplode(datacl)), '[]') END)
            FROM pg_database d WHERE datname = $1
            """, [.text(name)])
        guard let row = answer.rows.first, row.count == 4, let oid = row[0], let json = row[3] else { return nil }
        return PostgresDatabase(
            oid: oid, isTemplate: row[1] == "t", allowsConnections: row[2] == "t",
            definition: try CanonicalJSON.decode(DatabaseDefinition.self, from: Array(json.utf8)))
    }
}
