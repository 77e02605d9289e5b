import Bindings
import Documents
import Recovery
import TestSupport

@testable import Engines

extension ArangoClient {
    static func testing(
        port: Int, password: String? = "s3cret-word", jwt: Bool = false, host: String = "127.0.0.1", database: String? = nil,
        options: [String: String] = [:], time: any TimeSource = InstantTime()
    ) -> ArangoClient {
        var all = options
        if jwt { all[ArangoServer.Option.auth] = ArangoServer.Option.token }
        let address = ServerAddress(
            host: host, port: port, user: "root", password: password.map { Secret($0) }, database: database, options: all)
        return ArangoClient(ArangoServer("graph", at: address), http: HTTPClient(), time: time)
    }
}

extension WireServer {
    func arango(password: String? = "s3cret-word", jwt: Bool = false, database: String? = nil, time: any TimeSource = InstantTime())
        -> ArangoClient
    {
        .testing(port: port, password: password, jwt: jwt, database: database, time: time)
    }
}

extension WireServer.Answer {
    /// As an ArangoDB server answers.
    static func arango(_ json: String, status: Int = 200, _ headers: String...) -> WireServer.Answer {
        .status(status, headers: ["content-type: application/json; charset=utf-8", "server: ArangoDB"] + headers, body: Array(json.utf8))
    }

    static func arangoError(_ status: Int, _ number: Int, _ words: String = "words") -> WireServer.Answer {
        .arango("{\"code\":\(status),\"error\":true,\"errorMessage\":\"\(words)\",\"errorNum\":\(number)}", status: status)
    }

    static func lines(_ text: String, _ headers: String...) -> WireServer.Answer {
        .status(200, headers: ["content-type: application/x-arango-dump; charset=utf-8"] + headers, body: Array(text.utf8))
    }
}

/// Everything that the client can do, each on its own.
enum ArangoActs {
    typealias Act = @Sendable (ArangoClient) async throws -> Void
    static let batch = ArangoBatch(id: "123", database: "app", asker: [("serverId", "1"), ("syncerId", "2")])

    /// What must reach a server once at most.
    static let orders: [(String, Act)] = [
        ("create database", { try await $0.createDatabase("app") }),
        ("drop database", { try await $0.dropDatabase("app") }),
        ("drop collection", { try await $0.dropCollection("c", in: "app", isSystem: false) }),
        ("drop view", { try await $0.dropView("v", in: "app") }),
        ("open batch", { _ = try await $0.openBatch(in: "app", life: .seconds(600)) }),
        ("close batch", { try await $0.closeBatch(batch) }),
        // The server goes on with every question, and what it gave is gone with a lost answer.
        ("dump", { _ = try await $0.dump("c", in: "app", batch: batch, from: nil, answerBytes: 1, documents: 1) }),
        ("start dump", { _ = try await $0.startDump(of: ["c"], in: "app", answerBytes: 1, documents: 1, parallelism: 1) }),
        ("end dump", { try await $0.endDump("d", in: "app") }),
        ("query", { _ = try await $0.query("RETURN 1", bind: .object([]), in: "app", keeping: 1, within: nil) }),
        ("make collection", { try await $0.restoreCollection("c", structure: [], overwrite: false, in: "app") }),
        ("write in a cluster", { try await $0.restoreData(Array("{}\n".utf8), of: "c", in: "app", mayRepeat: false) }),
        ("heal", { try await $0.healServices(in: "app") }),
    ]

    /// What only asks, and what the contract says may be done twice.
    static let questions: [(String, Act)] = [
        ("ready", { _ = try await $0.ready() }),
        ("role", { _ = try await $0.role() }),
        ("read-only", { _ = try await $0.isReadOnly() }),
        ("databases", { _ = try await $0.databases() }),
        ("database", { _ = try await $0.database("app") }),
        ("collections", { _ = try await $0.collections(in: "app", excludingSystem: true) }),
        ("count", { _ = try await $0.count("c", in: "app") }),
        ("indexes", { _ = try await $0.indexes(of: "c", in: "app") }),
        ("views", { _ = try await $0.views(in: "app") }),
        ("graphs", { _ = try await $0.graphs(in: "app") }),
        ("analyzers", { _ = try await $0.analyzers(in: "app") }),
        ("users", { _ = try await $0.users() }),
        ("inventory", { _ = try await $0.inventory(in: "app", batch: batch) }),
        ("extend batch", { try await $0.extendBatch(batch, life: .seconds(600)) }),
        ("next of dump", { _ = try await $0.nextOfDump("d", in: "app", number: 2, last: 1) }),
        ("replace collection", { try await $0.restoreCollection("c", structure: [], overwrite: true, in: "app") }),
        ("make indexes", { try await $0.restoreIndexes(of: "c", structure: [], in: "app") }),
        ("write", { try await $0.restoreData(Array("{}\n".utf8), of: "c", in: "app", mayRepeat: true) }),
        ("make view", { try await $0.restoreView("v", definition: [], in: "app") }),
    ]
}
