import Recovery

/// `roles.sql`: the roles of an inventory as statements, for the day that a server has none of them.
package enum PostgresRoles {
    /// Without passwords, which a backup must not hold, and therefore without LOGIN. Everything else they had they get: an object may need an
    /// owner with such powers.
    package static func script(_ inventory: [InventoryItem]) -> String {
        let roles = inventory.filter { $0.kind == "role" }
        var lines = [
            "-- The roles that the backup's objects belong to or are granted to, for psql.",
            "-- None can log in: give LOGIN and a password to those marked as having had a login.", "",
        ]
        for role in roles {
            lines.append(
                "CREATE ROLE \(role.name) NOLOGIN \(attributes(role).joined(separator: " "));"
                    + (role.facts["login"] == "yes" ? " -- had a login" : ""))
        }
        for role in roles {
            for group in list(role.facts["member of"]) { lines.append("GRANT \(group) TO \(role.name);") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func attributes(_ role: InventoryItem) -> [String] {
        let words = [
            ("superuser", "SUPERUSER"), ("inherit", "INHERIT"), ("create role", "CREATEROLE"), ("create database", "CREATEDB"),
            ("replication", "REPLICATION"), ("bypass row security", "BYPASSRLS"),
        ].map { fact, word in role.facts[fact] == "yes" ? word : "NO\(word)" }
        guard let limit = role.facts["connection limit"], limit != "-1" else { return words }
        return words + ["CONNECTION LIMIT \(limit)"]
    }

    private static func list(_ json: String?) -> [String] {
        json.flatMap { try? CanonicalJSON.decode([String].self, from: Array($0.utf8)) } ?? []
    }
}
