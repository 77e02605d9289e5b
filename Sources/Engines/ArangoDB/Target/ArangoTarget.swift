import Bindings
import Documents
import Recovery

/// An ArangoDB server in one run.
struct ArangoTarget: EngineTarget {
    let binding: TargetBinding
    let server: ArangoServer
    let client: ArangoClient
    let readable: ReadableArango
    let time: any TimeSource
    let tools: ArangoTools

    init(_ binding: TargetBinding, http: HTTPClient, time: any TimeSource, tools: ArangoTools) {
        self.tools = tools
        self.binding = binding
        server = ArangoServer(binding.name, at: binding.address)
        client = ArangoClient(server, http: http, time: time)
        readable = ReadableArango(client, binding)
        self.time = time
    }

    var reading: any ReadableTarget { readable }
    func reading(afterSilence silence: Failure?) -> any ReadableTarget { readable.after(silence) }

    func identity() async throws -> SourceIdentity {
        _ = try await client.ready()
        return SourceIdentity(
            engine: .arangodb, address: binding.address.text, system: try await client.systemIdentifier(), database: server.database)
    }

    func lacks() async throws -> [Failure] {
        _ = try await client.ready()
        guard try await client.isReadOnly() else { return [] }
        return [
            Failure(
                .refused, "\(server.words) is read-only: it can be captured, and nothing can be restored onto it",
                hint: ArangoMeaning.all[1004]?.hint)
        ]
    }

    func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        try await ArangoCapture(self, options: options).capture(object, into: sink)
    }

    /// ArangoDB has no lock that others see.
    func lockOnServer(_ mode: LockMode, as holder: String) async throws {}
    func close() async {}

    /// The database that everything needs and nobody may drop or create.
    static let systemDatabase = "_system"
}

extension EngineName {
    package static let arangodb = EngineName("arangodb")
}
