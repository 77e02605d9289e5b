import Bindings
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Who asks, and that nobody else learns of it.
@Suite(.timeLimit(.minutes(5))) struct ArangoLoginTests {
    private static let basic = "Basic " + Data("root:s3cret-word".utf8).base64EncodedString()

    /// Gives out `token-1`, `token-2`, … and takes those that have not run out.
    private final class TokenServer: Sendable {
        let made = Mutex(0)
        /// Up to this number.
        let ended = Mutex(0)

        func start(refusing isRefused: Bool = false) throws -> WireServer {
            try WireServer { [self] request in
                if request.target == "/_open/auth" {
                    let number = made.withLock { count in
                        count += 1
                        return count
                    }
                    return isRefused ? .arangoError(401, 401, "Wrong credentials") : .arango("{\"jwt\":\"token-\(number)\"}")
                }
                let number = request.header("authorization").flatMap { Int($0.dropFirst("bearer token-".count)) } ?? 0
                guard number > ended.withLock({ $0 }) else { return .arangoError(401, 11, "not authorized to execute this request") }
                return .arango(#"{"result":[]}"#)
            }
        }

        /// All that were made have run out.
        func end() { ended.withLock { ended in ended = made.withLock { $0 } } }
    }

    @Test func theLoginGoesAlongWithEveryRequest() async throws {
        let server = try WireServer { _ in .arango(#"{"result":[]}"#) }
        _ = try await server.arango().databases()
        _ = try await server.arango(password: nil).databases()
        #expect(
            server.requests.map { $0.header("authorization") } == [Self.basic, "Basic " + Data("root:".utf8).base64EncodedString()])
        #expect(server.requests.allSatisfy { $0.header("x-omit-www-authenticate") == "true" })
    }

    @Test func aTokenIsAskedForOnceAndTheWordGoesNowhereElse() async throws {
        let server = try TokenServer().start()
        let client = server.arango(jwt: true)
        for _ in 1...3 { _ = try await client.databases() }
        #expect(server.lines == ["POST /_open/auth"] + Array(repeating: "GET /_api/database/user", count: 3))
        #expect(server.requests[0].header("authorization") == nil)
        #expect(server.requests[0].text == #"{"username":"root","password":"s3cret-word"}"#)
        #expect(server.requests.dropFirst().allSatisfy { $0.header("authorization") == "bearer token-1" && !$0.text.contains("s3cret") })
    }

    @Test func aTokenThatHasRunOutIsMadeAnew() async throws {
        let tokens = TokenServer()
        let server = try tokens.start()
        let client = server.arango(jwt: true)
        _ = try await client.databases()
        tokens.end()
        _ = try await client.databases()
        // Orders too: one that was refused for its login was not done.
        tokens.end()
        try await client.createDatabase("app")
        #expect(
            server.lines.suffix(6) == [
                "GET /_api/database/user", "POST /_open/auth", "GET /_api/database/user", "POST /_api/database", "POST /_open/auth",
                "POST /_api/database",
            ])
    }

    @Test func aServerThatTakesNoTokenIsAskedTwiceAndNoMore() async throws {
        let server = try WireServer { request in
            request.target == "/_open/auth" ? .arango(#"{"jwt":"t"}"#) : .arangoError(401, 11, "not authorized to execute this request")
        }
        let failure = try #require(await failureOf { _ = try await server.arango(jwt: true).databases() })
        #expect(failure.kind == .credentials)
        #expect(server.lines.filter { $0.hasPrefix("GET") }.count == 2)
    }

    @Test func aWrongPasswordIsNamedAndNotShown() async throws {
        let server = try TokenServer().start(refusing: true)
        let failure = try #require(await failureOf { _ = try await server.arango(jwt: true).databases() })
        #expect(failure.kind == .credentials)
        #expect(failure.problem.hasPrefix("cannot log in as 'root' on 'graph' (127.0.0.1:"))
        #expect(failure.hint == "check the target's user and password")
        #expect(!failure.description.contains("s3cret"))
        #expect(server.lines == ["POST /_open/auth"])
    }

    @Test func aServerWithoutLoginsIsAskedAllTheSame() async throws {
        let server = try WireServer { request in
            request.target == "/_open/auth" ? .arangoError(404, 404) : .arango(#"{"result":["_system"]}"#)
        }
        #expect(try await server.arango(jwt: true).databases() == ["_system"])
    }

    @Test func severalAtATimeWithAnOldTokenAllGetThrough() async throws {
        let tokens = TokenServer()
        let server = try tokens.start()
        let client = server.arango(jwt: true)
        _ = try await client.databases()
        tokens.end()
        let asked = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...4 { group.addTask { try await client.databases().count } }
            return try await group.reduce(0) { count, _ in count + 1 }
        }
        #expect(asked == 4)
    }

    @Test func nothingThatIsPrintedHoldsThePassword() async throws {
        let server = try WireServer { _ in .arangoError(403, 11, "root:s3cret-word may not do this") }
        let client = server.arango()
        var dumped = ""
        dump(client, to: &dumped)
        for text in ["\(client)", "\(client.server)", dumped, String(reflecting: client)] { #expect(!text.contains("s3cret")) }
        let failure = try #require(await failureOf { _ = try await client.databases() })
        #expect(failure.kind == .credentials)
        #expect(failure.causes == ["status 403, error 11: root:‹secret› may not do this"])
    }
}
