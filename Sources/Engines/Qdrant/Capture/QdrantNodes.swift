import Recovery

/// The nodes whose snapshots make a whole: each holds its own shards only.
struct QdrantNodes: Sendable {
    let isCluster: Bool
    private let first: QdrantClient
    /// By peer id; of a single node there is none that it would know itself by.
    private let byPeer: [String: QdrantClient]

    /// Throws when a node that the configuration names does not answer, or belongs to another cluster.
    static func find(_ target: QdrantTarget) async throws -> QdrantNodes {
        guard try await target.client.isCluster() else {
            guard target.otherNodes.isEmpty else {
                throw Failure(
                    .configuration, "target '\(target.binding.name)' names other nodes, and \(target.server.words) is no cluster",
                    hint: "remove `nodes:`")
            }
            return QdrantNodes(isCluster: false, first: target.client, byPeer: [:])
        }
        let peers = try await target.client.peers()
        var byPeer: [String: QdrantClient] = [:]
        for client in target.nodes {
            guard let own = try await client.ownPeer() else {
                throw Failure(
                    .configuration, "\(client.server.words) is no node of a cluster, and the one of \(target.server.words) is",
                    hint: "check `nodes:`")
            }
            guard peers[own] != nil else {
                throw Failure(
                    .configuration, "\(client.server.words) is peer \(own), which the cluster of \(target.server.words) does not know",
                    hint: "check `nodes:`")
            }
            byPeer[own] = client
        }
        return QdrantNodes(isCluster: true, first: target.client, byPeer: byPeer)
    }

    /// The nodes that hold shards of the collection, by peer. Throws when the configuration does not name one of them: a half is no backup.
    func holding(_ collection: String) async throws -> [(peer: String, client: QdrantClient)] {
        guard isCluster else { return [("", first)] }
        var held: [String: Set<Int64>] = [:]
        // Nodes can differ in what they see (contract 0.11): one that takes itself for dead is active to the other.
        for (_, node) in byPeer.sorted(by: { $0.key < $1.key }) {
            guard let shards = try await node.shards(collection) else { continue }
            guard shards.complaints.isEmpty else {
                throw Failure(
                    .engine,
                    "collection '\(collection)' is not whole on \(node.server.words): \(shards.complaints.joined(separator: "; "))",
                    hint: "wait until all its shards are active, or capture by points (`way: points`)")
            }
            for shard in shards.local + shards.remote { held[shard.peer, default: []].insert(shard.id) }
        }
        return try held.sorted { $0.key < $1.key }.map { peer, shards in
            guard let client = byPeer[peer] else {
                let held = shards.sorted().map(String.init).joined(separator: ", ")
                throw Failure(
                    .configuration,
                    "peer \(peer) of the cluster holds shards \(held) of collection '\(collection)', and no address of it is known: a snapshot holds the shards of its own node only",
                    hint: "add its address to the target's `nodes:`, or capture by points (`way: points`), which needs one node only")
            }
            return (peer, client)
        }
    }
}
