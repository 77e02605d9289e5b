import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(Recordings.missing()), .timeLimit(.minutes(5)))
struct RecordedAnswerTests {
    @Test func everyRecordedSuccessIsDecoded() async throws {
        let exchanges = try Recordings.all().filter { $0.status < 300 && $0.body != nil && ClientCall.of($0.method, $0.path) != nil }
        #expect(exchanges.count > 700)
        let answer = Mutex(WireServer.Answer.nothing)
        let server = try WireServer { _ in answer.withLock { $0 } }
        let client = server.client()
        var merelyAccepted = 0
        try await withTemporaryFolder { folder in
            try await write([1, 2, 3], to: folder + "/x.snapshot")
            for exchange in exchanges {
                answer.withLock { $0 = exchange.answer }
                let call = try #require(ClientCall.of(exchange.method, exchange.path))
                var outcome = ""
                let failure = await failureOf { outcome = try await call(client, folder + "/x.snapshot") }
                if exchange.status == 202 {
                    merelyAccepted += 1
                    #expect(
                        failure?.kind == .engine && failure?.problem.contains("does not say whether it was done") == true, "\(exchange)")
                } else if exchange.text.contains("acknowledged") || exchange.text.contains("wait_timeout") {
                    // An order that was not waited for is one that may not have been done.
                    #expect(failure?.kind == .engine, "\(exchange)")
                } else {
                    #expect(failure == nil, "\(exchange): \(failure.map(String.init(describing:)) ?? "")")
                    #expect(!outcome.isEmpty)
                }
            }
        }
        #expect(merelyAccepted == 24)
    }

    private func ask<Result>(_ exchange: Recordings.Exchange, _ body: (QdrantClient) async throws -> Result) async throws -> Result {
        let server = try WireServer { _ in exchange.answer }
        return try await body(server.client())
    }

    private func find(_ group: String, _ version: String, _ path: String, _ fits: (Recordings.Exchange) -> Bool = { _ in true }) throws
        -> Recordings.Exchange
    {
        try #require(Recordings.group(group, of: version).first { $0.path == path && $0.status == 200 && fits($0) })
    }

    @Test(arguments: Recordings.versions) func theServerTellsItsVersion(_ version: String) async throws {
        let root = try await ask(find("service", version, "/")) { try await $0.root() }
        #expect(root.version.description == version)
        #expect(!root.isStandIn)
    }

    @Test(arguments: Recordings.versions) func aSnapshotThatIsBeingMadeIsSeen(_ version: String) async throws {
        let running = try await ask(find("crash", version, "/metrics") { $0.text.contains("snapshot_creation_running{id=\"big\"} 1") }) {
            try await $0.activity()
        }
        #expect(running.isCreating("big") && !running.isRecovering("big") && !running.isCreating("other"))
        #expect(running.created["big"] != nil)
        let idle = try await ask(find("auth", version, "/metrics")) { try await $0.activity() }
        #expect(idle.creating == ["s": 0])
        #expect(!idle.isCreating("s"))
    }

    @Test(arguments: Recordings.versions) func aSingleNodeIsNoCluster(_ version: String) async throws {
        let nodes = try Recordings.group("cluster", of: version).filter { $0.path == "/cluster" && $0.status == 200 }
        for (exchange, peers) in nodes.map({ ($0, 2) }) {
            let (isCluster, found, own) = try await ask(exchange) {
                (try await $0.isCluster(), try await $0.peers(), try await $0.ownPeer())
            }
            #expect(isCluster && found.count == peers)
            #expect(own.map { found[$0] != nil } == true)
        }
    }

    @Test(arguments: Recordings.versions) func shardsAreSeenWithTheirKeysAndStates(_ version: String) async throws {
        let keyed = try await ask(find("cluster", version, "/collections/k/cluster")) { try await $0.shards("k") }
        #expect(keyed?.local.map(\.key) == ["7"])
        #expect(keyed?.remote.map(\.key) == ["de"])
        #expect(keyed?.complaints == [])
        guard version == "1.18.3" else { return }
        let dead = try await ask(find("cluster", version, "/collections/c/cluster") { $0.text.contains("Dead") }) {
            try await $0.shards("c")
        }
        #expect(dead?.complaints == ["shard 0 on peer 7663183625691073 is Dead"])
        let hurt = try await ask(find("cluster", version, "/collections/r/cluster") { $0.text.contains("ManualRecovery") }) {
            try await $0.shards("r")
        }
        #expect(hurt?.complaints == ["shard 0 on peer 5710314993897707 is ManualRecovery"])
    }

    @Test(arguments: Recordings.versions) func aSnapshotHasNameSizeAndChecksum(_ version: String) async throws {
        let exchange = try #require(
            Recordings.group("cluster", of: version).first { $0.method == "POST" && $0.path == "/collections/c/snapshots" })
        let made = try await ask(exchange) { try await $0.createSnapshot(of: "c") }
        #expect(made.name.hasPrefix("c-") && made.name.hasSuffix(".snapshot"))
        #expect(made.size == 86528)
        #expect(made.checksum?.utf8.count == 64)
        let listed = try await ask(find("cluster", version, "/collections/c/snapshots") { $0.method == "GET" }) {
            try await $0.snapshots(of: "c")
        }
        #expect(listed == [made])
    }

    @Test func aSnapshotInS3HasNoChecksum() async throws {
        let exchange = try #require(
            Recordings.group("s3", of: "1.18.3").first { $0.method == "POST" && $0.path == "/collections/c/snapshots" && $0.status == 200 })
        #expect(try await ask(exchange) { try await $0.createSnapshot(of: "c") }.checksum == nil)
    }
}
