import Documents
import Recovery

/// Who answers.
struct QdrantRoot: Sendable {
    let version: QdrantVersion
    let isStandIn: Bool
}

extension QdrantClient {
    /// `GET /`, which takes any key or none.
    func root() async throws -> QdrantRoot {
        let call = QdrantCall("ask who answers", "GET", [])
        let answer = try await failing { try await send(call) }
        guard let json = try? JSONValue(parsing: answer.body), let text = json["version"]?.string, let version = QdrantVersion(text),
            let title = json["title"]?.string
        else { throw foreign(call, answer.body) }
        // A stand-in has the word in its version; the title is looked at too, so that none slips through by an odd version.
        let isStandIn = [text, title].contains { $0.lowercased().contains("standin") || $0.lowercased().contains("stand-in") }
        return QdrantRoot(version: version, isStandIn: isStandIn)
    }

    /// Whether the server says that it is ready. Throws as every call does.
    func ready() async throws { _ = try await failing { try await send(QdrantCall("ask whether it is ready", "GET", ["readyz"])) } }

    /// Whether it is one node of a cluster.
    func isCluster() async throws -> Bool {
        let result = try await failing { try await self.result(QdrantCall("ask whether it is a cluster", "GET", ["cluster"])) }
        return result["status"]?.string == "enabled"
    }

    /// Addresses of the nodes of a cluster as they call themselves (of their port for peers), by peer id.
    func peers() async throws -> [String: String] {
        let result = try await failing { try await self.result(QdrantCall("list the nodes of the cluster", "GET", ["cluster"])) }
        var peers: [String: String] = [:]
        for member in result["peers"]?.members ?? [] { peers[member.key] = member.value["uri"]?.string ?? "" }
        return peers
    }
}

extension QdrantClient {
    /// The id that a node of a cluster calls itself by; nil on a single node.
    func ownPeer() async throws -> String? {
        let result = try await failing { try await self.result(QdrantCall("ask which node of the cluster it is", "GET", ["cluster"])) }
        return result["peer_id"]?.int.map { String($0) }
    }
}
