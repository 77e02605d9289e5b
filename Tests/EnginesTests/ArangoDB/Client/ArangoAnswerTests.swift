import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Answers of servers that no recording has: of dumps, of readiness, of what stands between.
@Suite(.timeLimit(.minutes(5))) struct ArangoAnswerTests {
    @Test func aServerIsReadyWhenItTakesWorkAndKnowsUs() async throws {
        let server = try WireServer { request in
            request.target == "/_admin/server/availability"
                ? .arango(#"{"error":false,"code":200,"mode":"default"}"#)
                : .arango(#"{"server":"arango","license":"community","version":"3.12.4-2","standin":true}"#)
        }
        let readiness = try await server.arango(database: "app").ready()
        #expect(readiness.version.numbers == "3.12.4")
        #expect(readiness.isStandIn)
        #expect(server.lines == ["GET /_admin/server/availability", "GET /_api/version"])

        // Some may not see _system, where that is asked.
        let shut = try WireServer { request in
            switch request.target {
            case "/_admin/server/availability": .arango("{}")
            case "/_api/version": .arangoError(401, 11)
            default: .arango(#"{"server":"arango","version":"3.11.2"}"#)
            }
        }
        #expect(try await shut.arango(database: "app").ready().version.numbers == "3.11.2")
        #expect(shut.lines.last == "GET /_db/app/_api/version")
    }

    @Test func aServerThatStartsIsNotReadyAndWorthAskingAgain() async throws {
        let server = try WireServer { _ in .arangoError(503, 503, "service unavailable") }
        let failure = try #require(await failureOf { _ = try await server.arango().ready() })
        #expect(failure.kind == .unreachable)
        #expect(failure.isWorthRetrying)
        #expect(failure.causes == ["status 503, error 503: service unavailable"])
    }

    @Test func somethingElseIsNoArangoDB() async throws {
        for answer: WireServer.Answer in [.text("<html>welcome</html>"), .arango(#"{"server":"other","version":"3.12.1"}"#), .arango("{}")]
        {
            let server = try WireServer { $0.target.hasSuffix("availability") ? .arango("{}") : answer }
            let failure = try #require(await failureOf { _ = try await server.arango().ready() })
            #expect(failure.kind == .engine)
            #expect(failure.problem.contains("the answer is not ArangoDB's: "))
            #expect(failure.hint == "is the address that of ArangoDB (port 8529)?")
        }
    }

    @Test(arguments: [
        ("SINGLE", ArangoRole.single), ("COORDINATOR", .coordinator), ("PRIMARY", .other("PRIMARY")),
    ])
    func rolesAreTold(_ text: String, _ role: ArangoRole) async throws {
        let server = try WireServer { _ in .arango("{\"role\":\"\(text)\",\"mode\":\"default\"}") }
        #expect(try await server.arango().role() == role)
    }

    @Test func aServerWithoutANumberIsKnownByItsCollections() async throws {
        let server = try WireServer { request in
            request.target.hasSuffix("server-id")
                ? .arangoError(404, 404, "unknown path")
                : .arango(
                    #"""
                    {"result":[{"id":"1","name":"_users","status":3,"type":2,"isSystem":true,"globallyUniqueId":"_users"},
                    {"id":"2","name":"c","status":3,"type":3,"isSystem":false,"globallyUniqueId":"h760A55C8454D/1926055"}]}
                    """#)
        }
        #expect(try await server.arango().systemIdentifier() == "760A55C8454D")
        let older = try WireServer { _ in .arango(#"{"serverId":"129786221183309"}"#) }
        #expect(try await older.arango().systemIdentifier() == String(129_786_221_183_309, radix: 16, uppercase: true))
    }

    @Test func aBatchIsReadPieceByPiece() async throws {
        let server = try WireServer { request in
            switch request.method {
            case "POST": .arango(#"{"id":"123","lastTick":"456"}"#)
            case "GET" where request.target.contains("/dump?"):
                request.target.contains("from=7")
                    ? .status(204, headers: ["x-arango-replication-checkmore: false", "x-arango-replication-lastincluded: 0"])
                    : .lines("{\"_key\":\"a\"}\n", "x-arango-replication-checkmore: true", "x-arango-replication-lastincluded: 7")
            case "GET": .arango(#"{"collections":[],"views":[],"tick":"9"}"#)
            default: .status(204)
            }
        }
        let client = server.arango()
        let batch = try await client.openBatch(in: "app", life: .seconds(600))
        #expect(batch.id == "123")
        #expect(server.requests[0].text == #"{"ttl":600}"#)
        #expect(String(decoding: try await client.inventory(in: "app", batch: batch), as: UTF8.self).contains("\"tick\":\"9\""))
        let first = try await client.dump("c", in: "app", batch: batch, from: nil, answerBytes: 8 << 20, documents: 10_000)
        #expect(String(decoding: first.lines, as: UTF8.self) == "{\"_key\":\"a\"}\n")
        #expect(first.hasMore && first.position == "7")
        let second = try await client.dump("c", in: "app", batch: batch, from: "7", answerBytes: 8 << 20, documents: 10_000)
        #expect(second.lines.isEmpty && !second.hasMore)
        try await client.extendBatch(batch, life: .seconds(600))
        try await client.closeBatch(batch)
        let asker = batch.asker.map { "\($0.0)=\($0.1)" }
        #expect(
            server.lines == [
                "POST /_db/app/_api/replication/batch?\(asker.joined(separator: "&"))",
                "GET /_db/app/_api/replication/inventory?includeSystem=true&batchId=123",
                "GET /_db/app/_api/replication/dump?collection=c&batchId=123&useEnvelope=false&chunkSize=8388608&docsPerBatch=10000",
                "GET /_db/app/_api/replication/dump?collection=c&batchId=123&useEnvelope=false&chunkSize=8388608&docsPerBatch=10000&from=7&ticks=false&flush=false",
                "PUT /_db/app/_api/replication/batch/123?\(asker.joined(separator: "&"))",
                "DELETE /_db/app/_api/replication/batch/123?\(asker[0])",
            ])
        #expect(server.requests[2].header("accept") == "application/x-arango-dump")
    }

    @Test func aParallelDumpGivesCollectionsInTurn() async throws {
        let server = try WireServer { request in
            switch (request.method, request.target) {
            case ("POST", "/_db/app/_api/dump/start?useVPack=false"): .status(201, headers: ["x-arango-dump-id: dump-1"])
            case ("POST", "/_db/app/_api/dump/next/dump-1?batchId=1"): .lines("{\"_key\":\"a\"}\n", "x-arango-dump-shard-id: c")
            case ("POST", "/_db/app/_api/dump/next/dump-1?batchId=2&lastBatch=1"): .status(204)
            case ("DELETE", _): .status(200)
            default: .arangoError(400, 400)
            }
        }
        let client = server.arango()
        let id = try #require(try await client.startDump(of: ["c"], in: "app", answerBytes: 64, documents: 5, parallelism: 2))
        let next = try #require(try await client.nextOfDump(id, in: "app", number: 1, last: nil))
        #expect(next.collection == "c" && next.lines == Array("{\"_key\":\"a\"}\n".utf8))
        #expect(try await client.nextOfDump(id, in: "app", number: 2, last: 1) == nil)
        try await client.endDump(id, in: "app")
    }

    @Test func aServerWithoutParallelDumpsSaysSoAndOneWithoutTheCollectionDoesNot() async throws {
        for answer: WireServer.Answer in [.arangoError(404, 404), .arangoError(501, 9), .arangoError(403, 11), .text("", status: 405)] {
            let server = try WireServer { _ in answer }
            #expect(try await server.arango().startDump(of: ["c"], in: "app", answerBytes: 1, documents: 1, parallelism: 1) == nil)
        }
        for answer: WireServer.Answer in [.arangoError(404, 1203), .arangoError(404, 1228), .arangoError(500, 4)] {
            let server = try WireServer { _ in answer }
            let failure = await failureOf {
                _ = try await server.arango().startDump(of: ["c"], in: "app", answerBytes: 1, documents: 1, parallelism: 1)
            }
            #expect(failure?.kind == .engine)
        }
    }

    @Test func rowsAreGivenAsTheyStandAndCounted() async throws {
        let server = try WireServer { request in
            request.target == "/_db/app/_api/cursor"
                ? .arango(
                    #"{"result":[18446744073709551615,{"a": -0.0},"ü"],"hasMore":true,"id":"7","error":false,"code":201}"#, status: 201)
                : .arango(#"{"result":[1e400,null],"hasMore":false,"error":false,"code":200}"#)
        }
        let rows = try await server.arango().query(
            "FOR d IN @@c RETURN d", bind: ["@c": "books"], in: "app", keeping: 4, within: .seconds(30))
        #expect(rows.count == 5)
        #expect(rows.rows.map { String(decoding: $0, as: UTF8.self) } == ["18446744073709551615", #"{"a": -0.0}"#, "\"ü\"", "1e400"])
        let asked = try JSONValue(parsing: server.requests[0].body)
        #expect(asked["bindVars"] == ["@c": "books"])
        #expect(asked["options"]?["fillBlockCache"] == false && asked["options"]?["maxRuntime"]?.double == 30)
    }

    @Test func whatIsGoneAlreadyIsDropped() async throws {
        let server = try WireServer { .arangoError(404, $0.target.contains("/_api/database/") ? 1228 : 1203) }
        let client = server.arango()
        try await client.dropDatabase("app")
        try await client.dropCollection("c", in: "app", isSystem: true)
        try await client.dropView("v", in: "app")
        #expect(try await client.database("app") == nil || server.lines.isEmpty == false)
        #expect(server.lines[1] == "DELETE /_db/app/_api/collection/c?isSystem=true")
    }

    @Test func aBodyThatIsCutOffIsNoAnswer() async throws {
        let cut = Array("HTTP/1.1 200 OK\r\ncontent-type: application/x-arango-dump\r\ncontent-length: 100\r\n\r\n{\"_key\":\"a\"}\n".utf8)
        let server = try WireServer { _ in .bytes(cut) }
        let failure = try #require(
            await failureOf {
                _ = try await server.arango().dump("c", in: "app", batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1)
            })
        #expect(failure.kind == .unreachable)
        #expect(failure.hint?.hasPrefix("the server, or a proxy before it, ended the connection") == true)
    }

    @Test(arguments: [
        (400, "replication dump - unable to find context (it could be expired)"), (1600, "cursor not found"),
    ])
    func aSnapshotThatIsGoneIsWorthAnotherOne(_ number: Int, _ words: String) async throws {
        let server = try WireServer { _ in .arangoError(404, number, words) }
        let failure = try #require(
            await failureOf {
                _ = try await server.arango().dump("c", in: "app", batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1)
            })
        #expect(failure.isWorthRetrying)
        #expect(failure.causes == ["status 404, error \(number): \(words)"])
    }

    @Test func theAnswerOfAProxyIsNamedAsOne() async throws {
        let server = try WireServer { _ in .text("<html><title>502 Bad Gateway</title></html>", status: 502) }
        let failure = try #require(await failureOf { _ = try await server.arango().databases() })
        #expect(failure.kind == .unreachable)
        #expect(failure.causes == ["status 502: a page in HTML, '502 Bad Gateway'"])
        #expect(failure.hint?.contains("proxy") == true)
    }

    @Test func theNotFoundOfAProxyIsNoAbsence() async throws {
        let server = try WireServer { _ in .text("<html><title>404 Not Found</title>", status: 404) }
        let client = server.arango()
        for act: ArangoActs.Act in [
            { try await $0.dropDatabase("app") }, { try await $0.dropCollection("c", in: "app", isSystem: false) },
            { _ = try await $0.database("app") }, { _ = try await $0.count("c", in: "app") },
        ] {
            let failure = await failureOf { try await act(client) }
            #expect(failure?.kind == .engine)
            #expect(failure?.hint?.contains("port 8529") == true)
        }
    }

    @Test func somethingElseThanHTTPIsNamed() async throws {
        let server = try WireServer { _ in .bytes([0, 0, 18, 4, 0, 0, 0, 0, 0]) }
        let failure = try #require(await failureOf { _ = try await server.arango().databases() })
        #expect(failure.kind == .unreachable)
        #expect(failure.hint == "what answers there does not speak HTTP; a server with TLS needs https://")
    }
}
