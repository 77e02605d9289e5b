import Documents
import Recovery
import Stores

extension Services {
    /// What `check` looks at: the named policies, or all of them. Resolves no secret and reaches nothing but stores.
    func checkSubjects(_ names: [String]) throws -> [Check.Subject] {
        let file = try requiredConfiguration()
        return try policies(names, in: file).map { name, policy in
            Check.Subject(
                policy: name, targets: policy.targets.keys.map(\.text), limits: CheckLimits(policy.expect),
                catalog: Catalog(store: try store(of: name, policy, in: file), digests: digests, inventories: inventories))
        }
    }

    /// What a prune works on, with its store: the named policies, or all that have rules and the safety copies.
    func pruneSubjects(_ names: [String]) throws -> [(subject: Pruner.Subject, store: any Store)] {
        let file = try requiredConfiguration()
        var subjects: [(Pruner.Subject, any Store)] = []
        for (name, policy) in try policies(names, in: file) {
            guard let rules = policy.keep else {
                if names.isEmpty { continue }
                throw Failure(
                    .configuration, "policy '\(name)' has no `keep:`, so all of its backups stay",
                    hint: "add rules such as `keep: {last: 3, within-daily: 30d}`")
            }
            subjects.append((.policy(name, rules), try store(of: name, policy, in: file)))
        }
        if names.isEmpty { subjects += try stores(of: file).map { (.safetyCopies, $0) } }
        return subjects
    }

    /// The store that holds a set: its policy's, or for a safety copy the one where it lies.
    func store(holding policy: String, _ set: String) async throws -> any Store {
        let file = try requiredConfiguration()
        guard policy == Catalog.safety else {
            let found = try policies([policy], in: file)
            guard let (name, document) = found.first else { throw Failure(.notFound, "there is no policy '\(policy)'") }
            return try store(of: name, document, in: file)
        }
        for store in try stores(of: file) {
            if try await !store.list("\(policy)/\(set)", after: nil, limit: 1).isEmpty { return store }
        }
        throw Failure(.notFound, "no store holds \(policy)/\(set)")
    }

    /// Lets one prune at a time work on a policy, as far as this host is concerned.
    func pruningAlone<Result: Sendable>(
        on folder: String, _ store: any Store, _ work: () async throws -> Result
    ) async throws -> Result {
        let file = try requiredConfiguration()
        let locks = HostLocks(
            folder: file.document.locks ?? environment["LIFEBOAT_LOCKS"] ?? HostLocks.standardFolder, owner: owner, digests: digests,
            time: time)
        let held = try await locks.take(["prune-\(store.location)-\(folder)"], .exclusive, as: "prune of '\(folder)'")
        do {
            let result = try await work()
            await held.release()
            return result
        } catch {
            await held.release()
            throw error
        }
    }

    private func policies(_ names: [String], in file: ConfigurationFile) throws -> [(name: String, policy: PolicyDocument)] {
        let all = file.document.policies.entries.map { ($0.key.text, $0.value) }
        if names.isEmpty { return all }
        return try names.map { name in
            guard let found = all.first(where: { $0.0 == name }) else {
                throw noPolicy(name, in: file)
            }
            return found
        }
    }

    /// For a name that somebody has asked for.
    func noPolicy(_ name: String, in file: ConfigurationFile) -> Failure {
        let known = file.document.policies.keys.map(\.text)
        return Failure(
            .notFound, "there is no policy '\(name)' in \(file.source.path)",
            hint: known.suggestion(for: name)
                ?? (known.isEmpty ? "add one under `policies:`" : "there are: \(known.joined(separator: ", "))"))
    }

    private func store(of name: String, _ policy: PolicyDocument, in file: ConfigurationFile) throws -> any Store {
        guard let store = try stores(of: file).first(where: { $0.name == policy.store.value.text }) else {
            throw Failure(.configuration, "there is no store '\(policy.store.value)', where policy '\(name)' keeps its backups")
        }
        return store
    }
}
