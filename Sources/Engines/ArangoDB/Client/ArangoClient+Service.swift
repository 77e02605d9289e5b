import Documents
import Recovery

/// Who answers.
struct ArangoReadiness: Sendable {
    let version: ArangoVersion
    let isStandIn: Bool
}

/// What part a server plays.
enum ArangoRole: Sendable, Equatable {
    case single
    case coordinator
    case other(String)
}

extension ArangoClient {
    /// Waits for nothing: throws unless the server takes work and knows us (contract 3).
    func ready() async throws -> ArangoReadiness {
        try await failing {
            // Needs no login, and says so when the server is starting.
            _ = try await send(ArangoCall("ask whether it is ready", "GET", in: nil, ["_admin", "server", "availability"]))
            // Of the server, and not of the database that may be the very thing that is lost.
            let call = ArangoCall("ask who answers", "GET", in: nil, ["_api", "version"])
            let json: JSONValue
            do { json = try await self.json(call) } catch let refusal as ArangoRefusal
                where server.database != nil && (refusal.status == 401 || refusal.status == 403)
            {
                // Some may not see _system.
                json = try await self.json(ArangoCall(call.attempt, "GET", in: server.database, ["_api", "version"]))
            }
            guard json["server"]?.string == "arango", let version = json["version"]?.string.flatMap({ ArangoVersion($0) }) else {
                throw foreign(call, Array(json.text().utf8))
            }
            return ArangoReadiness(version: version, isStandIn: json["standin"] != nil)
        }
    }

    func role() async throws -> ArangoRole {
        let call = ArangoCall("ask which part it plays", "GET", in: nil, ["_admin", "server", "role"])
        let json = try await failing { try await self.json(call) }
        return switch json["role"]?.string {
        case "SINGLE": .single
        case "COORDINATOR": .coordinator
        case let other?: .other(other)
        case nil: throw foreign(call, Array(json.text().utf8))
        }
    }

    /// Whether it refuses writes.
    func isReadOnly() async throws -> Bool {
        let call = ArangoCall("ask whether it takes writes", "GET", in: nil, ["_admin", "server", "availability"])
        return try await failing { try await self.json(call) }["mode"]?.string == "readonly"
    }

    /// What a server calls itself by, also under another address; nil when nothing tells. Its own call for it is gone since 3.12.10; single
    /// servers have the number in front of the names of their collections too (contract 5, 10.4).
    func systemIdentifier() async throws -> String? {
        do {
            let call = ArangoCall("ask who it is", "GET", in: nil, ["_api", "replication", "server-id"])
            let said = try await self.json(call)["serverId"]?.string
            if let id = said.flatMap({ UInt64($0) }) { return String(id, radix: 16, uppercase: true) }
        } catch let refusal as ArangoRefusal {
            guard refusal.isNoSuchCall || refusal.number != nil, !refusal.mayPass, refusal.status != 401 else { throw refusal.failure }
        }
        for database in Set(["_system", server.database ?? "_system"]).sorted(by: >) {
            do {
                for collection in try await collections(in: database, excludingSystem: false) {
                    let parts = collection.globallyUniqueId.split(separator: "/")
                    guard parts.count == 2, parts[0].hasPrefix("h"), parts[0].dropFirst().allSatisfy(\.isHexDigit) else { continue }
                    return parts[0].dropFirst().uppercased()
                }
            } catch let failure as Failure where failure.kind == .credentials || failure.kind == .engine {
                continue
            }
        }
        return nil
    }
}
