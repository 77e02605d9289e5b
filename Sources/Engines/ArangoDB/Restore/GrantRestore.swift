import Recovery

/// Gives accounts back what they may do in a database that was dropped and made again. Accounts that are not there are not made.
struct GrantRestore: Sendable {
    let client: ArangoClient
    let database: String
    let grants: [ArangoGrant]

    struct Outcome: Sendable {
        var notes: [String] = []
        var notExercised: [NotExercised] = []
    }

    func restore() async throws -> Outcome {
        var outcome = Outcome()
        guard !grants.isEmpty else { return outcome }
        let there: Set<String>
        do { there = Set(try await client.users()) } catch let failure as Failure where failure.kind == .credentials {
            outcome.notExercised = grants.map { NotExercised($0.subject, because: "this login may not give rights") }
            return outcome
        }
        for grant in grants {
            guard there.contains(grant.user) else {
                outcome.notExercised.append(NotExercised(grant.subject, because: "there is no such account on this server"))
                continue
            }
            // Somebody may have changed it since, for a reason. A part of it is what an attempt before this one gave.
            let found = try await client.grant(of: grant.user, in: database)
            guard found.isPart(of: grant) else {
                outcome.notExercised.append(NotExercised(grant.subject, because: "the account has rights of its own here, which stay"))
                continue
            }
            try await client.restore(grant, in: database)
            outcome.notes.append("user '\(grant.user)' may use it as before")
        }
        return outcome
    }
}

extension ArangoGrant {
    var subject: String { "grants of user \(user)" }

    /// In one line.
    var words: String {
        ([level ?? everywhere].compactMap(\.self) + collections.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }).joined(
            separator: ", ")
    }
}
