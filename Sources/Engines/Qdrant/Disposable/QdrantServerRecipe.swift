import Bindings
import Recovery

/// A Qdrant server for one drill: its own storage, loopback only, gone with the drill.
struct QdrantServerRecipe: ServerRecipe {
    let http: HTTPClient
    let programs: QdrantPrograms
    /// The one it should be; nil: any.
    let version: QdrantVersion?
    let image: String?

    var engine: EngineName { .qdrant }

    func requirePrograms() async throws { _ = try programs.find() }

    func processPlan(in place: ProcessPlace) async throws -> ProcessPlan {
        let server = CommandSpec(
            try programs.find(), ["--disable-telemetry"],
            environment: Self.settings(
                host: "127.0.0.1", port: place.port, storage: "\(place.folder)/storage", snapshots: "\(place.folder)/snapshots",
                key: place.password.reveal { $0 }),
            folder: place.folder, account: place.account, logFile: "\(place.folder)/server.log")
        return ProcessPlan(
            files: [], preparation: [], server: server, stopSignal: Self.terminate, grace: .seconds(5),
            address: ServerAddress(
                host: "127.0.0.1", port: place.port, user: nil, password: place.password, options: [QdrantServer.Option.scheme: "http"]),
            storage: "\(place.folder)/storage")
    }

    func containerPlan(in place: ContainerPlace) async throws -> ContainerPlan {
        ContainerPlan(
            image: try imageName(),
            environment: [
                Self.keyVariable: place.password, "QDRANT__TELEMETRY_DISABLED": Secret("true"),
                // It is told nothing to fetch: what it recovers is brought to it.
                "QDRANT__SERVICE__ENABLE_SNAPSHOT_URL_RECOVERY": Secret("false"),
            ], passwordVariable: Self.keyVariable, port: 6333, capabilities: [], sharedMemory: 64 << 20,
            login: ServerAddress(host: "", port: 0, user: nil, password: place.password, options: [QdrantServer.Option.scheme: "http"]))
    }

    /// The tag `from-backup` stands for the version, and so does no tag at all.
    private func imageName() throws -> String {
        let tag = version.map { "v\($0.numbers)" }
        guard let image else { return tag.map { "\(Self.image):\($0)" } ?? "\(Self.image):latest" }
        guard image.hasSuffix(":from-backup") else { return image }
        guard let version else {
            throw Failure(.document, "image '\(image)' takes its version from the backup, and there is none", hint: "write a version")
        }
        return String(image.dropLast("from-backup".count)) + version.numbers
    }

    static let image = "qdrant/qdrant"
    private static let keyVariable = "QDRANT__SERVICE__API_KEY"
    private static let terminate: Int32 = 15

    private static func settings(host: String, port: Int, storage: String, snapshots: String, key: String) -> [String: String] {
        [
            "QDRANT__SERVICE__HOST": host, "QDRANT__SERVICE__HTTP_PORT": String(port), keyVariable: key,
            // Nobody speaks gRPC here, and its usual port may be somebody's.
            "QDRANT__SERVICE__GRPC_PORT": "0",
            "QDRANT__STORAGE__STORAGE_PATH": storage, "QDRANT__STORAGE__SNAPSHOTS_PATH": snapshots,
            "QDRANT__TELEMETRY_DISABLED": "true", "QDRANT__SERVICE__ENABLE_SNAPSHOT_URL_RECOVERY": "false",
            "QDRANT__LOG_LEVEL": "INFO",
        ]
    }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        let server = QdrantServer("server", at: address)
        let client = QdrantClient(server, http: http, time: time)
        let end = time.uptime + limit
        var last: Failure?
        while time.uptime < end {
            do {
                try await client.ready()
                let root = try await client.root()
                // Needs the key, which the others do not.
                _ = try await client.collections()
                return ServerIdentity(version: root.version.description, system: nil, standIn: root.isStandIn)
            } catch let failure as Failure where failure.isWorthRetrying {
                last = failure
            }
            try await time.sleep(for: .milliseconds(10))
        }
        throw Failure(
            .timedOut, "the Qdrant server at \(address.text) was not ready within \(Int(limit.inSeconds)) s",
            hint: "its log says what it is doing; a slow disk or a port that something else listens on are the usual reasons", cause: last)
    }
}
