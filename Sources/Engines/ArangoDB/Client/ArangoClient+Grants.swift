import Documents
import Recovery

/// What an account may do in one database, beyond what it may everywhere. Servers keep it in `_system`, and forget it when the database is
/// dropped.
struct ArangoGrant: Sendable, Equatable {
    let user: String
    /// `rw`, `ro`, `none`; nil: as everywhere.
    let level: String?
    /// By collection, `*` for all others.
    let collections: [String: String]
    /// What it may in databases that have no level of their own; nil: not known.
    var everywhere: String?

    var isEmpty: Bool { level == nil && collections.isEmpty }

    /// Whether it gives what another one gave, which may have been on another server: what the account may everywhere is not kept.
    func givesWhat(_ other: ArangoGrant) -> Bool {
        collections == other.collections && (level == other.level || (level == nil && everywhere == other.level))
    }

    /// Whether everything that it gives is given by the other too.
    func isPart(of other: ArangoGrant) -> Bool {
        (level == nil || level == other.level) && collections.allSatisfy { other.collections[$0.key] == $0.value }
    }
}

extension ArangoClient {
    /// Of every account that has any; nil when we may not ask.
    func grants(in database: String) async throws -> [ArangoGrant]? {
        do {
            var grants: [ArangoGrant] = []
            for user in try await users().sorted() {
                let grant = try await grant(of: user, in: database)
                if !grant.isEmpty { grants.append(grant) }
            }
            return grants
        } catch let failure as Failure where failure.kind == .credentials { return nil }
    }

    func grant(of user: String, in database: String) async throws -> ArangoGrant {
        let call = ArangoCall(
            "ask what user '\(user)' may do", "GET", in: nil, ["_api", "user", user, "database"], query: [("full", "true")])
        let all = try await failing { try await self.json(call) }["result"] ?? .null
        let levels = all[database]?["collections"]?.members ?? []
        let (here, everywhere) = (all[database]?["permission"]?.string, all["*"]?["permission"]?.string)
        return ArangoGrant(
            user: user, level: here == everywhere || here == "undefined" ? nil : here,
            collections: Dictionary(
                levels.compactMap { member in
                    member.value.string.flatMap { $0 == "undefined" ? nil : (member.key, $0) }
                }
            ) { first, _ in first }, everywhere: everywhere)
    }

    /// Gives an account that is there what it may do. Doing it twice is doing it once.
    func restore(_ grant: ArangoGrant, in database: String) async throws {
        if let level = grant.level { try await put(level, for: grant.user, [database]) }
        for (collection, level) in grant.collections.sorted(by: { $0.key < $1.key }) {
            try await put(level, for: grant.user, [database, collection])
        }
    }

    private func put(_ level: String, for user: String, _ place: [String]) async throws {
        let call = ArangoCall(
            "grant '\(level)' on '\(place.joined(separator: "/"))' to user '\(user)'", "PUT", in: nil,
            ["_api", "user", user, "database"] + place
        ).json(["grant": .string(level)]).repeatable
        _ = try await failing { try await send(call) }
    }
}
