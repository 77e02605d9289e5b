/// A server that must not be mistaken for another: one of production, or the one that a backup was taken of.
struct KnownServer: Sendable {
    /// `production target 'app-db'`, `the source of backup nightly/…`.
    let words: String
    /// All that is known of it: the configured address, and what backups say.
    let identities: [SourceIdentity]

    enum Comparison: Equatable { case same, another, cannotTell }

    /// Whether this is the server in question.
    func compare(with other: SourceIdentity) -> Comparison {
        let known = identities.filter { $0.engine == other.engine }
        guard !known.isEmpty else { return .another }
        if known.contains(where: { $0.address.unifiedLoopback == other.address.unifiedLoopback }) { return .same }
        let systems = known.compactMap(\.system)
        guard let system = other.system, !systems.isEmpty else { return .cannotTell }
        return systems.contains(system) ? .same : .another
    }
}

extension SourceIdentity {
    /// Whether two looks at one target may have met two servers. One that does not say which it is may be any.
    func mayDiffer(from earlier: SourceIdentity) -> Bool {
        system == nil || system != earlier.system || address != earlier.address
    }
}

extension String {
    /// Three ways to say the same machine are one.
    fileprivate var unifiedLoopback: String {
        for name in ["localhost:", "::1:", "[::1]:"] where hasPrefix(name) { return "127.0.0.1:" + dropFirst(name.count) }
        return self
    }
}
