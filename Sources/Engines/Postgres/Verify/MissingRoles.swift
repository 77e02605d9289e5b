import Recovery

/// The roles that a backup speaks of and the server does not have, and what their absence explains.
struct MissingRoles {
    /// All that the inventory names, quoted.
    let named: Set<String>
    let missing: Set<String>

    init(expected: [InventoryItem], live: Set<String>) {
        named = Set(expected.filter { $0.kind == "role" }.map(\.name))
        missing = named.subtracting(live)
    }

    /// Whether the whole object cannot be there without them.
    func explain(_ item: InventoryItem) -> Bool {
        guard !missing.isEmpty else { return false }
        switch item.kind {
        case "setting": return item.facts["role"].map(missing.contains) ?? false
        case "default privileges", "user mapping": return missing.contains { item.name.hasPrefix("for \($0) ") }
        default: return false
        }
    }

    /// Whether a difference in this fact follows from their absence.
    func explain(_ fact: String, of item: InventoryItem) -> Bool {
        guard !missing.isEmpty else { return false }
        let owner = item.facts[FactQuery.Fact.owner]
        if fact == FactQuery.Fact.owner { return owner.map(missing.contains) ?? false }
        // Whoever owns it instead has the owner's rights, and others may have none.
        if fact.hasPrefix(FactQuery.Fact.grantPrefix) {
            return missing.contains(String(fact.dropFirst(FactQuery.Fact.grantPrefix.count))) || owner.map(missing.contains) ?? false
        }
        if item.kind == "large objects", fact == "owners and grants hash" { return true }
        return item.kind == "policy" && fact == "roles" && missing.contains { item.facts[fact]?.contains($0) ?? false }
    }
}
