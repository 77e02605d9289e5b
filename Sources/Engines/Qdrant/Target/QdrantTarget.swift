import Bindings
import Documents
import Recovery

/// A Qdrant server in one run.
struct QdrantTarget: EngineTarget {
    let binding: TargetBinding
    let server: QdrantServer
    let client: QdrantClient
    /// The other nodes of its cluster, in the order of the configuration.
    let otherNodes: [QdrantClient]
    /// Every node that is known, the one that is asked first in front.
    var nodes: [QdrantClient] { [client] + otherNodes }
    let readable: ReadableQdrant
    let time: any TimeSource

    init(_ binding: TargetBinding, http: HTTPClient, time: any TimeSource) {
        self.binding = binding
        server = QdrantServer(binding.name, at: binding.address)
        self.time = time
        client = QdrantClient(server, http: http, time: time)
        readable = ReadableQdrant(client, binding)
        otherNodes = Self.otherNodes(binding).map { QdrantClient($0, http: http, time: time) }
    }

    var reading: any ReadableTarget { readable }
    func reading(afterSilence silence: Failure?) -> any ReadableTarget { readable.after(silence) }

    /// A single node has no name for itself but the peer id, which every collection of it tells; an empty one tells nothing.
    func identity() async throws -> SourceIdentity {
        let system: String?
        do {
            _ = try await client.root()
            system = try await peer()
        } catch let failure as Failure where failure.kind == .unreachable {
            // A server that is stopped says who it is by its folder.
            guard let peer = await storage?.peer() else { throw failure }
            system = peer
        }
        return SourceIdentity(engine: .qdrant, address: binding.address.text, system: system, database: nil)
    }

    /// Of a cluster: all its peers, so that it is one under the address of any of its nodes.
    func peer() async throws -> String? {
        if try await client.isCluster() { return try await client.peers().keys.sorted().first }
        for collection in try await client.collections() where QdrantName.problem(with: collection) == nil {
            if let peer = try await client.shards(collection)?.peer, !peer.isEmpty { return peer }
        }
        return nil
    }

    func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        if options.collections.way == .storage {
            return try await StorageCapture(self, object: object, options: options, into: sink).capture()
        }
        return try await QdrantCapture(self, options: options).capture(object, into: sink)
    }

    /// Qdrant has no lock that others see; `snapshot_creation_running` is looked at before what must not overlap.
    func lockOnServer(_ mode: LockMode, as holder: String) async throws {}
    func close() async {}
}

extension EngineName {
    package static let qdrant = EngineName("qdrant")
}

extension QdrantTarget {
    /// With the same key and certificates as the first.
    private static func otherNodes(_ binding: TargetBinding) -> [QdrantServer] {
        typealias Option = QdrantServer.Option
        guard case .configured(_, let target) = binding else { return [] }
        let urls = target.address.options[Option.nodes]?.split(separator: ",").map(String.init) ?? []
        return urls.compactMap { url in
            // The configuration was refused if one of them cannot be read.
            guard var address = try? QdrantAddress.read(url, of: target.name) else { return nil }
            address.password = target.address.password
            address.options[Option.bearer] = target.address.options[Option.bearer]
            for key in [Option.caFile, Option.certificate, Option.key] where address.options[key] == nil {
                address.options[key] = target.address.options[key]
            }
            return QdrantServer(target.name, at: address)
        }
    }
}
