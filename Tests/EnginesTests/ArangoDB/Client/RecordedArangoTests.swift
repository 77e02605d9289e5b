import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(ArangoRecordings.missing()), .timeLimit(.minutes(5)))
struct RecordedArangoTests {
    /// What the client has to make of an error, by the status and the number that a server gave: its kind and how the hint begins.
    private static let expected: [String: (kind: Failure.Kind, hint: String?)] = [
        "400/400": (.engine, nil), "400/600": (.damaged, "what was sent is no JSON"), "400/1501": (.document, "the query is none"),
        "400/1502": (.document, "the query is empty"), "400/1928": (.engine, nil), "404/1202": (.engine, "there is no such document"),
        "404/1203": (.engine, "there is no such collection"), "404/1600": (.engine, "it stood idle for too long"),
        "409/1210": (.engine, "a unique index forbids it"), "412/1200": (.engine, "somebody else writes the same documents"),
        "500/32": (.engine, "the server has a limit here"), "500/1650": (.engine, "the server's log says more"),
    ]
    private static let exitCodes: [Failure.Kind: Int32] = [.engine: 1, .damaged: 2, .document: 65, .credentials: 77]

    /// Whatever was asked: one call of ours stands for all.
    private static func ask(_ client: ArangoClient) async throws {
        _ = try await failing { try await client.send(ArangoCall("do it", "POST", in: "app", ["_api", "thing"])) }
    }

    @Test func everyRecordedFailureReachesTheUserAsOurWordsAndExitCode() async throws {
        let failures = try ArangoRecordings.all().filter { $0.status >= 400 }
        #expect(failures.count == 38)
        var seen: Set<String> = []
        for exchange in failures {
            let number = try #require(exchange.json?["errorNum"]?.int, "\(exchange)")
            let key = "\(exchange.status)/\(number)"
            seen.insert(key)
            let expected = try #require(Self.expected[key], "\(exchange): nobody has said what \(key) means")
            let server = try WireServer { _ in exchange.answer }
            let failure = try #require(await failureOf { try await Self.ask(server.arango()) })
            #expect(failure.kind == expected.kind, "\(exchange)")
            #expect(RunOutcome(failure).exitCode(inDrill: false) == Self.exitCodes[expected.kind], "\(exchange)")
            #expect(failure.problem == "cannot do it on 'graph' (127.0.0.1:\(server.port))")
            let words = try #require(exchange.json?["errorMessage"]?.string)
            #expect(failure.causes == ["status \(exchange.status), error \(number): \(words)"], "\(exchange)")
            if let hint = expected.hint {
                #expect(failure.hint?.hasPrefix(hint) == true, "\(exchange): \(failure)")
            } else {
                #expect(failure.hint == nil, "\(exchange): \(failure)")
            }
            #expect(server.lines.count == 1, "an order is not asked again")
        }
        #expect(seen == Set(Self.expected.keys))
    }

    @Test func documentsThatWereNotTakenAreFailuresInAnswersOfSuccess() async throws {
        let partial = try ArangoRecordings.all().filter { exchange in
            exchange.status < 300 && exchange.headers.contains { $0.0 == "x-arango-error-codes" }
        }
        #expect(partial.count == 4)
        for exchange in partial {
            let server = try WireServer { _ in exchange.answer }
            let failure = try #require(await failureOf { try await Self.ask(server.arango()) }, "\(exchange)")
            #expect(failure.kind != .bug && !failure.causes.isEmpty)
            #expect(failure.causes[0].contains("not taken"), "\(exchange): \(failure)")
            // Without the header the items tell it.
            let bare = exchange.body
            let mute = try WireServer { _ in .status(202, headers: ["content-type: application/json"], body: bare) }
            #expect(
                await failureOf { try await Self.ask(mute.arango()) }?.causes == [
                    failure.causes[0].replacing("\(exchange.status),", with: "202,")
                ])
        }
    }

    @Test func importsThatLeftDocumentsOutAreFailures() async throws {
        let imports = try ArangoRecordings.all().filter { $0.group == "import" && $0.status == 201 }
        #expect(imports.count > 10)
        var bad = 0
        for exchange in imports {
            let errors = try #require(exchange.json?["errors"]?.int)
            let server = try WireServer { _ in exchange.answer }
            let failure = await failureOf {
                _ = try await failing { try await server.arango().json(ArangoCall("import", "POST", in: "app", ["_api", "import"])) }
            }
            #expect((failure == nil) == (errors == 0), "\(exchange)")
            if let failure {
                bad += 1
                #expect(failure.causes[0].contains("status 201: \(errors == 1 ? "1 document was" : "\(errors) documents were") not taken"))
            }
        }
        #expect(bad > 3)
    }

    @Test func everyRecordedSuccessIsDecoded() async throws {
        let exchanges = try ArangoRecordings.all().filter { $0.status < 300 && ArangoClientCall.of($0.method, $0.path) != nil }
        #expect(exchanges.count > 60)
        for exchange in exchanges {
            let asked = Mutex(0)
            let server = try WireServer { request in
                if request.target.hasSuffix("/availability") { return .arango(#"{"error":false,"code":200,"mode":"default"}"#) }
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                // A query that goes on ends with the second answer.
                return count == 1 ? exchange.answer : .arango(#"{"result":[],"hasMore":false,"error":false,"code":200}"#)
            }
            let call = try #require(ArangoClientCall.of(exchange.method, exchange.path))
            var outcome = ""
            let failure = await failureOf { outcome = try await call(server.arango(), exchange) }
            #expect(failure == nil, "\(exchange): \(failure.map(String.init(describing:)) ?? "")")
            #expect(!outcome.isEmpty && outcome != "absent" && outcome != "nil", "\(exchange): \(outcome)")
            if exchange.method != "DELETE", let rows = exchange.json?["result"]?.array, exchange.group == "cursor" {
                #expect(outcome == "\(rows.count) \(rows.count)", "\(exchange)")
            }
        }
    }

    @Test(arguments: ["3.10.14", "3.11.14", "3.12.10"]) func versionsAreThoseOfTheServers(_ version: String) async throws {
        let exchange = try #require(
            try ArangoRecordings.all().first { $0.version == version && $0.path.hasPrefix("/_api/version") && $0.status == 200 })
        let server = try WireServer { $0.target.hasSuffix("/availability") ? .arango(#"{"mode":"default"}"#) : exchange.answer }
        let readiness = try await server.arango().ready()
        #expect(readiness.version.description == version)
        #expect(!readiness.isStandIn)
    }
}
