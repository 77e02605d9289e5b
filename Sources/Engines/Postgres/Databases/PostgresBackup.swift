import Recovery

/// What a backup's inventory says of the database as such and of what it needs around it.
struct PostgresBackup: Sendable {
    struct Role: Sendable {
        let name: String
        let facts: [String: String]
    }

    /// How the database was made; nil when the inventory does not say.
    private(set) var definition: DatabaseDefinition?
    /// The name of the database's item in the inventory: as the server quotes it.
    private(set) var databaseItem: String?
    private(set) var roles: [Role] = []
    private(set) var extensions: [(name: String, version: String?)] = []
    /// Bytes of the database on its server's disk.
    private(set) var bytes: Int64?
    private(set) var hasTablespaces = false
    /// Libraries that its server preloaded; empty too when that is not known.
    private(set) var preloaded: Set<String> = []
    private var settings: [DatabaseDefinition.Setting] = []

    /// Reads through the inventory once, keeping little of it.
    static func read(_ backup: BackupInHand) async throws -> PostgresBackup {
        let inventory = try await backup.inventory()
        var known = PostgresBackup()
        do {
            while let item = try await inventory.next() { try known.take(item) }
        } catch {
            await inventory.close()
            throw error
        }
        await inventory.close()
        known.definition?.settings = known.settings
        return known
    }

    private mutating func take(_ item: InventoryItem) throws {
        switch item.kind {
        case "database":
            databaseItem = item.name
            definition = try Self.definition(of: item)
        case "setting":
            guard let name = item.facts["setting"], let value = item.facts["value"] else { return }
            settings.append(DatabaseDefinition.Setting(role: item.facts["role"].map(Self.name), name: name, value: value))
        case "role": roles.append(Role(name: Self.name(item.name), facts: item.facts))
        case "extension": extensions.append((Self.name(item.name), item.facts["version"]))
        case "server":
            bytes = item.facts["database bytes"].flatMap { Int64($0) }
            preloaded = PreloadedLibraries.names(in: item.facts[PreloadedLibraries.fact] ?? "")
        case "table", "index", "materialized view": if item.facts["tablespace"] != nil { hasTablespaces = true }
        default: break
        }
    }

    private static func definition(of item: InventoryItem) throws -> DatabaseDefinition? {
        let facts = item.facts
        guard let encoding = facts["encoding"], let collation = facts["collation"], let characterType = facts["character type"] else {
            return nil
        }
        let owner = facts["owner"].map(name)
        return DatabaseDefinition(
            name: name(item.name), owner: owner, encoding: encoding, collation: collation, characterType: characterType,
            provider: facts["provider"] ?? "libc", providerLocale: facts["locale"], icuRules: facts["icu rules"],
            connectionLimit: facts["connection limit"].flatMap { Int($0) } ?? -1, comment: facts["comment"], settings: [],
            rights: rights(facts, owner: owner))
    }

    private static let grant = "grant to "

    /// The inventory says `grant to ROLE`: `ALL`, or `CONNECT, CREATE`, with the grant option of all or of some.
    private static func rights(_ facts: [String: String], owner: String?) -> [DatabaseDefinition.Right] {
        facts.keys.sorted().filter { $0.hasPrefix(Self.grant) }.flatMap { key in
            let grantee = String(key.dropFirst(Self.grant.count))
            let role = grantee == "PUBLIC" ? nil : grantee == "its owner" ? owner : name(grantee)
            var words = facts[key] ?? ""
            var grantable: (String) -> Bool = { _ in false }
            if words.hasSuffix(" with grant option") {
                words.removeLast(" with grant option".count)
                grantable = { _ in true }
            } else if let some = words.firstRange(of: " (with grant option: ") {
                let names = words[some.upperBound...].dropLast().split(separator: ", ").map(String.init)
                words = String(words[..<some.lowerBound])
                grantable = names.contains
            }
            let privileges = words == "ALL" ? ["CONNECT", "CREATE", "TEMPORARY"] : words.split(separator: ", ").map(String.init)
            return privileges.map { DatabaseDefinition.Right(role: role, privilege: $0, grantable: grantable($0)) }
        }
    }

    private static func name(_ quoted: String) -> String { PostgresName.parts(quoted).joined(separator: ".") }
}
