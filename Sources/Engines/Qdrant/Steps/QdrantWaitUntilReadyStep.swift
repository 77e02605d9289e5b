import Recovery

typealias QdrantWaitUntilReadyStep = WaitUntilReadyStep<AwaitedQdrant>

enum AwaitedQdrant: AwaitedServer {
    static let engine = EngineName.qdrant
    static let kind = "qdrant.wait-until-ready"
    static let summary = "Wait until the server is ready and takes the key."

    /// Everybody may ask for the first two; the third takes the key.
    static func ask(_ target: QdrantTarget) async throws -> QdrantVersion {
        try await target.client.ready()
        let root = try await target.client.root()
        _ = try await target.client.collections()
        return root.version
    }

    static func words(_ version: QdrantVersion) -> String { "Qdrant \(version) is ready" }

    static func failure(_ target: QdrantTarget, within: String, because last: Failure?) -> Failure {
        Failure(
            .timedOut, "\(target.server.words) was not ready within \(within)",
            hint: "see whether the server runs; it listens only when all collections are loaded, and its log says what it is doing",
            cause: last)
    }
}
