/// Chooses the backups of a drill. Picks that name one policy get one recovery set.
package struct Picker: Sendable {
    package struct Choice: Sendable {
        package let id: BackupID
        package let words: String
        /// What would have been taken before it, had it been usable.
        package let passedOver: [PassedOver]
    }

    private let catalogs: [String: Catalog]
    private let now: Timestamp
    private let seed: UInt64

    /// - Parameter catalogs: by policy name.
    package init(catalogs: [String: Catalog], now: Timestamp, seed: UInt64) {
        self.catalogs = catalogs
        self.now = now
        self.seed = seed
    }

    /// Throws `Failure(.notFound)` when no backup fits, `.damaged` when none that does can be used.
    package func pick(_ rule: PickRule, policy: String, target: String) async throws -> Choice {
        guard let catalog = catalogs[policy] else {
            throw Failure(.configuration, "there is no policy '\(policy)' in the configuration", hint: "add it under `policies:`")
        }
        switch rule {
        case .latest:
            let newest = try await catalog.newest(policy: policy, target: target)
            guard let id = newest.usable?.id else {
                throw catalog.nothingUsable(policy: policy, target: target, passedOver: newest.passedOver)
            }
            return Choice(id: id, words: "latest", passedOver: newest.passedOver)
        case .random(let within):
            let oldest = now.advanced(bySeconds: -within.inSeconds)
            var generator = SeededGenerator(seed: seed)
            var (left, passedOver) = try await catalog.candidates(policy: policy, target: target, since: oldest)
            while !left.isEmpty {
                let id = left.remove(at: Int.random(in: 0..<left.count, using: &generator))
                guard let flaw = try await catalog.look(at: id).flaw else {
                    return Choice(
                        id: id, words: "random within \(Int(within.inSeconds / 86400)) d, seed \(seed)", passedOver: passedOver)
                }
                passedOver.append(PassedOver(id, flaw))
            }
            throw catalog.nothingUsable(policy: policy, target: target, passedOver: passedOver)
        }
    }
}

/// SplitMix64: the same seed gives the same sequence on every machine, which an auditor may want to follow.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
