import Recovery

typealias ArangoWaitUntilReadyStep = WaitUntilReadyStep<AwaitedArango>

enum AwaitedArango: AwaitedServer {
    static let engine = EngineName.arangodb
    static let kind = "arangodb.wait-until-ready"
    static let summary = "Wait until the server takes work and knows the login."

    static func ask(_ target: ArangoTarget) async throws -> ArangoVersion { try await target.client.ready().version }
    static func words(_ version: ArangoVersion) -> String { "ArangoDB \(version) is ready" }

    static func failure(_ target: ArangoTarget, within: String, because last: Failure?) -> Failure {
        Failure(
            .timedOut, "\(target.server.words) was not ready within \(within)",
            hint: "see whether the server runs; after a crash it reads its log first, and says in its own how far it is", cause: last)
    }
}
