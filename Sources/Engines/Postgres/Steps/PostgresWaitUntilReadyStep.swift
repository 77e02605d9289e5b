import Recovery

typealias PostgresWaitUntilReadyStep = WaitUntilReadyStep<AwaitedPostgres>

enum AwaitedPostgres: AwaitedServer {
    static let engine = EngineName.postgres
    static let kind = "postgres.wait-until-ready"
    static let summary = "Wait until the server takes a login."

    static func ask(_ target: PostgresTarget) async throws -> PostgresVersion { try await target.version() }
    static func words(_ version: PostgresVersion) -> String { "PostgreSQL \(version) takes logins" }

    static func failure(_ target: PostgresTarget, within: String, because last: Failure?) -> Failure {
        Failure(
            .timedOut, "\(target.server.words) took no login within \(within)",
            hint: "see whether the server runs; its log says what it is doing", cause: last)
    }
}
