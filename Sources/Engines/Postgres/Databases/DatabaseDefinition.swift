import Bindings
import Recovery

/// How a database is made: what `CREATE DATABASE` and what follows it can say.
package struct DatabaseDefinition: Sendable, Codable, Equatable {
    /// `ALTER DATABASE … SET`, or with a role `ALTER ROLE … IN DATABASE … SET`.
    package struct Setting: Sendable, Codable, Equatable {
        package var role: String?
        package var name: String
        /// As the catalogue keeps it.
        package var value: String

        var words: String { (role.map { "role \($0): " } ?? "") + "\(name) = \(value)" }
    }

    /// One privilege on the database; without a role it is everybody's.
    package struct Right: Sendable, Codable, Equatable {
        package var role: String?
        package var privilege: String
        package var grantable: Bool
    }

    package var name: String
    package var owner: String?
    package var encoding: String
    package var collation: String
    package var characterType: String
    /// `libc`, `icu`, `builtin`.
    package var provider: String
    /// For other providers than libc.
    package var providerLocale: String?
    package var icuRules: String?
    package var connectionLimit: Int
    package var comment: String?
    package var settings: [Setting]
    /// Nil: nobody has ever changed them.
    package var rights: [Right]?
}

extension DatabaseDefinition {
    /// `CREATE DATABASE`. Throws `Failure(.unfit)` when a server of that version cannot make it.
    func creation(on version: PostgresVersion) throws -> String {
        var parts = [
            "TEMPLATE template0", "ENCODING \(try literal(encoding))", "LC_COLLATE \(try literal(collation))",
            "LC_CTYPE \(try literal(characterType))", "CONNECTION LIMIT \(connectionLimit)",
        ]
        switch provider {
        case "libc": if version.major >= 15 { parts.append("LOCALE_PROVIDER libc") }
        case "icu", "builtin":
            let since = provider == "icu" ? 15 : 17
            guard version.major >= since else {
                throw Failure(
                    .unfit,
                    "database '\(name)' has a locale of the provider '\(provider)', which PostgreSQL \(version.major) does not know",
                    hint: "use a server of version \(since) or newer")
            }
            parts.append("LOCALE_PROVIDER \(provider)")
            if let providerLocale { parts.append("\(provider == "icu" ? "ICU_LOCALE" : "BUILTIN_LOCALE") \(try literal(providerLocale))") }
            if let icuRules, version.major >= 16 { parts.append("ICU_RULES \(try literal(icuRules))") }
        default:
            throw Failure(.unfit, "database '\(name)' has a locale of the provider '\(provider)', which this lifeboat does not know")
        }
        if let owner { parts.append("OWNER \(try identifier(owner))") }
        return "CREATE DATABASE \(try identifier(name)) WITH " + parts.joined(separator: " ")
    }

    func statement(for setting: Setting) throws -> String {
        let value = try Self.lists.contains(setting.name.lowercased()) ? list(setting.value) : literal(setting.value)
        // A setting of an extension has two names with a dot between them.
        let key = try setting.name.split(separator: ".", omittingEmptySubsequences: false).map { try identifier(String($0)) }
        let whose = try setting.role.map { "ROLE \(try identifier($0)) IN DATABASE" } ?? "DATABASE"
        return "ALTER \(whose) \(try identifier(name)) SET \(key.joined(separator: ".")) TO \(value)"
    }

    /// From whatever the rights are to these.
    func rightsStatements() throws -> [String] {
        guard let rights else { return [] }
        let database = try identifier(name)
        var statements = ["REVOKE ALL ON DATABASE \(database) FROM PUBLIC"]
        if let owner { statements.append("REVOKE ALL ON DATABASE \(database) FROM \(try identifier(owner))") }
        for right in rights {
            guard Self.privileges.contains(right.privilege) else {
                throw Failure(.damaged, "'\(right.privilege)' is no right on a database")
            }
            let grantee = try right.role.map(identifier) ?? "PUBLIC"
            statements.append(
                "GRANT \(right.privilege) ON DATABASE \(database) TO \(grantee)" + (right.grantable ? " WITH GRANT OPTION" : ""))
        }
        return statements
    }

    func commentStatement() throws -> String? {
        try comment.map { "COMMENT ON DATABASE \(try identifier(name)) IS \(try literal($0))" }
    }

    /// All roles that it speaks of.
    var roles: Set<String> {
        Set([owner].compactMap { $0 } + settings.compactMap(\.role) + (rights ?? []).compactMap(\.role))
    }

    private static let privileges: Set<String> = ["CREATE", "TEMPORARY", "CONNECT"]

    /// Settings whose value is a list of names, kept with the names quoted; as one literal it would mean a single odd name.
    private static let lists: Set<String> = ["search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"]

    private func list(_ value: String) throws -> String {
        var items: [String] = []
        var item = String.UnicodeScalarView()
        var isQuoted = false
        var previous: Unicode.Scalar?
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"":
                if !isQuoted, previous == "\"" { item.append("\"") }
                isQuoted.toggle()
            case "," where !isQuoted:
                items.append(String(item))
                item = String.UnicodeScalarView()
            case " " where !isQuoted: break
            default: item.append(scalar)
            }
            previous = scalar
        }
        items.append(String(item))
        return try items.map(literal).joined(separator: ", ")
    }

    private func literal(_ text: String) throws -> String {
        do { return try quoteLiteral(text) } catch { throw Failure(.damaged, error.message) }
    }

    private func identifier(_ name: String) throws -> String { try PostgresTarget.quoted(name) }
}
