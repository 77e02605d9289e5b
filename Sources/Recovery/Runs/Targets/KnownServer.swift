/// A server that must not be mistaken for another: one of production, or the one that a backup was taken of.
struct KnownServer: Sendable {
    /// `production target 'app-db'`, `the source of backup nightly/…`.
    let words: String
    let identity: SourceIdentity

    enum Comparison { case same, another, cannotTell }

    /// Whether this is the server in question.
    func compare(with other: SourceIdentity) -> Comparison {
        guard identity.engine == other.engine else { return .another }
        if identity.address.unifiedLoopback == other.address.unifiedLoopback { return .same }
        guard let system = identity.system else { return .another }
        guard let own = other.system else { return .cannotTell }
        return system == own ? .same : .another
    }
}

extension SourceIdentity {
    /// Whether two looks at one target may have met two servers.
    func mayDiffer(from earlier: SourceIdentity) -> Bool { system != earlier.system || address != earlier.address }
}

extension String {
    /// Three ways to say the same machine are one.
    fileprivate var unifiedLoopback: String {
        for name in ["localhost:", "::1:", "[::1]:"] where hasPrefix(name) { return "127.0.0.1:" + dropFirst(name.count) }
        return self
    }
}
