import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(Recordings.missing()), .timeLimit(.minutes(1)))
struct QdrantNodesTests {
    /// The two recorded nodes at one moment: how often each had been asked where the shards of the collection are.
    private struct Cluster {
        let nodes: [WireServer]

        init(_ version: String, _ collection: String, _ moment: Int) throws {
            let recorded = try Recordings.group("cluster", of: version)
            nodes = try ["[node 1]", "[node 2]"].map { node in
                let own = recorded.filter { $0.title.hasPrefix(node) && $0.status == 200 }
                let cluster = try #require(own.first { $0.path == "/cluster" })
                let all = own.filter { $0.path == "/collections/\(collection)/cluster" }
                let shards = all.isEmpty ? nil : all[min(moment, all.count - 1)]
                return try WireServer { request in
                    switch request.target {
                    case "/cluster": cluster.answer
                    case "/collections/\(collection)/cluster": shards?.answer ?? .error(404, "Not found: Collection `c` doesn't exist!")
                    default: .text("", status: 404)
                    }
                }
            }
        }

        func target(naming others: [WireServer]) -> QdrantTarget {
            let urls = others.map { "http://127.0.0.1:\($0.port)" }.joined(separator: ",")
            let address = ServerAddress(
                host: "127.0.0.1", port: nodes[0].port, user: nil, password: nil,
                options: urls.isEmpty ? [:] : [QdrantServer.Option.nodes: urls])
            let target = ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)
            return QdrantTarget(.configured(role: "vectors", target), http: HTTPClient(), time: InstantTime())
        }
    }

    @Test(arguments: Recordings.versions) func allNodesOfAClusterMakeAWhole(_ version: String) async throws {
        let cluster = try Cluster(version, "c", 0)
        let nodes = try await QdrantNodes.find(cluster.target(naming: [cluster.nodes[1]]))
        #expect(nodes.isCluster)
        let holding = try await nodes.holding("c")
        #expect(Set(holding.map(\.client.server.words)) == Set(cluster.nodes.map { "'vectors' (127.0.0.1:\($0.port))" }))
        #expect(Set(holding.map(\.peer)).count == 2)
    }

    @Test(arguments: [("1.16.3", "6315763627698875"), ("1.18.3", "6714415048986936")])
    func aHalfIsRefusedWithThePeerAndItsShards(_ version: String, _ peer: String) async throws {
        let cluster = try Cluster(version, "c", 0)
        let nodes = try await QdrantNodes.find(cluster.target(naming: []))
        let failure = try #require(await failureOf { _ = try await nodes.holding("c") })
        #expect(failure.kind == .configuration)
        #expect(
            failure.problem
                == "peer \(peer) of the cluster holds shards 1 of collection 'c', and no address of it is known: a snapshot holds the shards of its own node only"
        )
        #expect(failure.hint?.contains("`nodes:`") == true && failure.hint?.contains("`way: points`") == true)
    }

    /// Recorded on 1.18.3 after both nodes' snapshots were recovered: half of the points, and each node believes something else.
    @Test(arguments: [
        (1, 0, "shard 0 on peer 7663183625691073 is Dead"), (2, 1, "shard 1 on peer 6714415048986936 is Dead"),
    ])
    func deadReplicasAreRefusedWhicheverNodeKnowsOfThem(_ moment: Int, _ node: Int, _ complaint: String) async throws {
        let cluster = try Cluster("1.18.3", "c", moment)
        let nodes = try await QdrantNodes.find(cluster.target(naming: [cluster.nodes[1]]))
        let failure = try #require(await failureOf { _ = try await nodes.holding("c") })
        #expect(failure.kind == .engine)
        #expect(failure.problem == "collection 'c' is not whole on 'vectors' (127.0.0.1:\(cluster.nodes[node].port)): \(complaint)")
    }

    @Test func aReplicaThatWaitsForAManIsRefused() async throws {
        let recorded = try Recordings.group("cluster", of: "1.18.3")
        let shards = try #require(recorded.first { $0.text.contains("ManualRecovery") })
        let own = try WireServer { request in
            request.target == "/cluster"
                ? .json(#"{"status":"enabled","peer_id":5710314993897707,"peers":{"5710314993897707":{},"354897357691792":{}}}"#)
                : shards.answer
        }
        let target = ConfiguredTarget(
            name: "vectors", engine: .qdrant, stage: .staging,
            address: ServerAddress(host: "127.0.0.1", port: own.port, user: nil, password: nil))
        let nodes = try await QdrantNodes.find(
            QdrantTarget(.configured(role: "vectors", target), http: HTTPClient(), time: InstantTime()))
        let failure = try #require(await failureOf { _ = try await nodes.holding("r") })
        #expect(failure.problem.hasSuffix("shard 0 on peer 5710314993897707 is ManualRecovery"))
    }

    @Test func aNodeOfAnotherClusterIsRefused() async throws {
        let cluster = try Cluster("1.18.3", "c", 0)
        let other = try Cluster("1.16.3", "c", 0)
        let failure = try #require(await failureOf { _ = try await QdrantNodes.find(cluster.target(naming: [other.nodes[0]])) })
        #expect(failure.kind == .configuration)
        #expect(
            failure.problem
                == "'vectors' (127.0.0.1:\(other.nodes[0].port)) is peer 3430848208067894, which the cluster of 'vectors' (127.0.0.1:\(cluster.nodes[0].port)) does not know"
        )
    }

    @Test func aSingleServerAmongTheNodesIsRefused() async throws {
        let cluster = try Cluster("1.18.3", "c", 0)
        let single = try WireServer { _ in .json(#"{"status":"disabled"}"#) }
        let failure = try #require(await failureOf { _ = try await QdrantNodes.find(cluster.target(naming: [single])) })
        #expect(failure.kind == .configuration)
        #expect(failure.problem.hasPrefix("'vectors' (127.0.0.1:\(single.port)) is no node of a cluster"))
    }

    @Test func nodesOfWhatIsNoClusterAreRefused() async throws {
        let cluster = try Cluster("1.18.3", "c", 0)
        let single = try WireServer { _ in .json(#"{"status":"disabled"}"#) }
        let urls = "http://127.0.0.1:\(cluster.nodes[1].port)"
        let address = ServerAddress(
            host: "127.0.0.1", port: single.port, user: nil, password: nil, options: [QdrantServer.Option.nodes: urls])
        let target = ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)
        let failure = try #require(
            await failureOf {
                _ = try await QdrantNodes.find(QdrantTarget(.configured(role: "vectors", target), http: HTTPClient(), time: InstantTime()))
            })
        #expect(failure.kind == .configuration)
        #expect(failure.hint == "remove `nodes:`")
    }

    @Test func aCollectionThatIsGoneHasNoNodes() async throws {
        let cluster = try Cluster("1.18.3", "none", 0)
        let nodes = try await QdrantNodes.find(cluster.target(naming: [cluster.nodes[1]]))
        #expect(try await nodes.holding("none").isEmpty)
    }

    @Test func aSingleServerIsTheOnlyNode() async throws {
        let single = try WireServer { _ in .json(#"{"status":"disabled"}"#) }
        let target = ConfiguredTarget(
            name: "vectors", engine: .qdrant, stage: .staging,
            address: ServerAddress(host: "127.0.0.1", port: single.port, user: nil, password: nil))
        let nodes = try await QdrantNodes.find(
            QdrantTarget(.configured(role: "vectors", target), http: HTTPClient(), time: InstantTime()))
        #expect(!nodes.isCluster)
        #expect(try await nodes.holding("c").map(\.peer) == [""])
    }
}
