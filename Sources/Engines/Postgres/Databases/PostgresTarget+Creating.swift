import Bindings
import Recovery

extension PostgresTarget {
    /// Makes a database and gives it its settings and rights. One that is there already keeps its contents.
    ///
    /// Returns what could not be set, in words: a setting of a library that this server does not have must not stop a recovery,
    /// and the verification reports it.
    func create(_ definition: DatabaseDefinition, exists: Bool) async throws -> [String] {
        let name = try Self.quoted(definition.name)
        let act = "create database '\(definition.name)'"
        if !exists {
            let statement = try definition.creation(on: try await version())
            do { try await onServer([statement], cannot: act) } catch let failure as Failure where failure.isAboutLocale {
                throw Failure(
                    failure.kind, failure.problem,
                    hint:
                        "the server's machine lacks the locale: generate it there (Debian: dpkg-reconfigure locales) and restart PostgreSQL",
                    cause: failure.cause)
            }
        }
        var notSet: [String] = []
        if exists, let owner = definition.owner {
            try await onServer(["ALTER DATABASE \(name) OWNER TO \(try Self.quoted(owner))"], cannot: act)
        }
        for setting in definition.settings {
            do { try await onServer([try definition.statement(for: setting)], cannot: "set \(setting.words)") } catch let failure as Failure
                where failure.kind == .engine
            {
                notSet.append("setting not made: \(setting.words): \(failure.causes.first ?? failure.problem)")
            }
        }
        try await onServer(try definition.rightsStatements(), cannot: "give the rights on database '\(definition.name)'")
        if let statement = try definition.commentStatement() {
            try await onServer([statement], cannot: "comment on database '\(definition.name)'")
        }
        return notSet
    }

    func version() async throws -> PostgresVersion {
        PostgresVersion(number: await (try session(in: PostgresServer.maintenance)).serverVersion)
    }

    /// Makes the backup's roles on a disposable server, as far as they are missing: with their powers, since objects may need
    /// an owner with them, and without a login.
    func createRoles(of backup: PostgresBackup) async throws -> [String] {
        let missing = Set(try await readable.missing(Set(backup.roles.map(\.name))))
        let created = backup.roles.filter { missing.contains($0.name) }
        var statements: [String] = []
        for role in created {
            let name = try Self.quoted(role.name)
            let powers = Self.powers.compactMap { power in role.facts[power.fact] == "yes" ? power.word : nil }
            statements.append(
                "CREATE ROLE \(name) NOLOGIN \(role.facts["inherit"] == "no" ? "NOINHERIT" : "INHERIT") \(powers.joined(separator: " "))")
        }
        for role in created {
            let groups = try role.facts["member of"].map { try CanonicalJSON.decode([String].self, from: Array($0.utf8)) } ?? []
            for group in groups {
                let quoted = try Self.quoted(PostgresName.parts(group).joined(separator: "."))
                statements.append("GRANT \(quoted) TO \(try Self.quoted(role.name))")
            }
        }
        try await onServer(statements, cannot: "create the backup's roles")
        return created.map(\.name).sorted()
    }

    private static let powers = [
        (fact: "superuser", word: "SUPERUSER"), (fact: "create role", word: "CREATEROLE"), (fact: "create database", word: "CREATEDB"),
        (fact: "replication", word: "REPLICATION"), (fact: "bypass row security", word: "BYPASSRLS"),
    ]
}

extension Failure {
    /// `invalid LC_COLLATE locale name: "de_DE.UTF-8"`, in whatever language the server says it.
    fileprivate var isAboutLocale: Bool {
        guard let error = cause as? PostgresError else { return false }
        return error.sqlState == "42809" || error.sqlState == "22023" || error.message.contains("locale")
    }
}
