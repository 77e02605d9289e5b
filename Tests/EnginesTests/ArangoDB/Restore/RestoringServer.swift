import Documents
import Recovery
import Synchronization
import TestSupport

@testable import Engines

/// A server in memory that takes restores as the contract has it (11), and remembers in which order it was asked for what.
final class RestoringServer: Sendable {
    struct Collection: Sendable {
        var isEdge = false
        /// A new one for each that is made.
        var id = 1
        var indexes: [JSONValue] = []
        var documents: [String: String] = [:]
    }

    struct State: Sendable {
        var collections: [String: Collection] = ["_graphs": Collection(), "_analyzers": Collection(), "_users": Collection()]
        var views: [String: String] = [:]
        /// What was changed, in order: `data c`, `indexes c ttl`.
        var acts: [String] = []
        var made = 1
        /// Of the bodies with documents.
        var bytes: [Int] = []
        var inFlight: [String: Int] = [:]
        var mostInFlight: [String: Int] = [:]
        var hasVectors = true
        /// The counter of a collection is off by that much.
        var miscount: [String: Int] = [:]
    }

    private final class Memory: Sendable {
        let state: Mutex<State>
        init(_ start: State) { state = Mutex(start) }
    }

    private let memory: Memory
    let wire: WireServer
    var now: State { memory.state.withLock { $0 } }
    func change(_ body: (inout State) -> Void) { memory.state.withLock { body(&$0) } }

    /// - Parameter instead: an answer of its own for a request, before anything is done.
    init(_ start: State = State(), instead: @escaping @Sendable (WireServer.Request) -> WireServer.Answer? = { _ in nil }) throws {
        let memory = Memory(start)
        self.memory = memory
        wire = try WireServer { request in
            if let other = instead(request) { return other }
            let name = request.target.contains("restore-data") ? Self.argument("collection", request) : ""
            memory.state.withLock { state in
                state.inFlight[name, default: 0] += 1
                state.mostInFlight[name] = max(state.mostInFlight[name] ?? 0, state.inFlight[name] ?? 0)
            }
            defer { memory.state.withLock { $0.inFlight[name, default: 0] -= 1 } }
            return memory.state.withLock { Self.answer(request, &$0) }
        }
    }

    private static func argument(_ name: String, _ request: WireServer.Request) -> String {
        let query = request.target.split(separator: "?").dropFirst().first ?? ""
        return query.split(separator: "&").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }

    private static func answer(_ request: WireServer.Request, _ state: inout State) -> WireServer.Answer {
        let path = request.target.prefix { $0 != "?" }.replacing("/_db/app", with: "").replacing("/_db/_system", with: "")
        let parts = path.split(separator: "/").map(String.init)
        switch (request.method, parts.dropFirst().joined(separator: "/")) {
        case ("GET", "server/role"): return .arango(#"{"role":"SINGLE"}"#)
        case ("GET", "collection"): return .arango(list(state.collections.map { name, it in collection(name, it) }))
        case ("GET", let rest) where rest.hasSuffix("/count"):
            let name = parts[2]
            guard let collection = state.collections[name] else { return .arangoError(404, 1203) }
            return .arango("{\"count\":\(collection.documents.count + (state.miscount[name] ?? 0))}")
        case ("GET", "index"):
            let indexes = state.collections[argument("collection", request)]?.indexes ?? []
            return .arango(JSONValue.object([.init("indexes", .array([["type": "primary", "fields": ["_key"]]] + indexes))]).text())
        case ("GET", "view"): return .arango(list(state.views.map { ["name": .string($0), "type": .string($1)] }))
        case ("GET", "user"):
            let users = (state.collections["_users"]?.documents.keys).map { $0.sorted() } ?? []
            return .arango(list(users.map { ["user": .string($0)] }))
        case ("PUT", "replication/restore-collection"): return make(request, &state)
        case ("PUT", "replication/restore-indexes"): return index(request, &state)
        case ("PUT", "replication/restore-data"): return fill(request, &state)
        case ("PUT", "replication/restore-view"):
            guard let view = try? JSONValue(parsing: request.body), let name = view["name"]?.string, view["id"] == nil else {
                return .arangoError(400, 400)
            }
            state.views[name] = view["type"]?.string
            state.acts.append("view \(name)")
            return .arango(#"{"result":true}"#)
        case ("POST", "foxx/_local/heal"):
            state.acts.append("heal")
            return .status(204)
        default: return .arangoError(404, 404, "unknown path '\(path)'")
        }
    }

    private static func list(_ items: [JSONValue]) -> String { JSONValue.object([.init("result", .array(items))]).text() }

    private static func collection(_ name: String, _ it: Collection) -> JSONValue {
        [
            "name": .string(name), "id": .string("\(it.id)"), "type": it.isEdge ? 3 : 2, "isSystem": .bool(name.hasPrefix("_")),
            "globallyUniqueId": "h1/1",
        ]
    }

    private static func make(_ request: WireServer.Request, _ state: inout State) -> WireServer.Answer {
        guard let body = try? JSONValue(parsing: request.body), let name = body["parameters"]?["name"]?.string,
            body["indexes"]?.array == []
        else { return .arangoError(400, 400) }
        if state.collections[name] != nil, argument("overwrite", request) != "true" { return .arangoError(409, 1207) }
        state.made += 1
        state.collections[name] = Collection(isEdge: body["parameters"]?["type"]?.int == 3, id: state.made)
        state.acts.append("make \(name)")
        return .arango(#"{"result":true}"#)
    }

    private static func index(_ request: WireServer.Request, _ state: inout State) -> WireServer.Answer {
        guard let body = try? JSONValue(parsing: request.body), let name = body["parameters"]?["name"]?.string,
            let indexes = body["indexes"]?.array, state.collections[name] != nil
        else { return .arangoError(400, 400) }
        for index in indexes where state.collections[name]?.indexes.contains(index) == false {
            if index["type"] == "vector", !state.hasVectors { continue }
            state.collections[name]?.indexes.append(index)
        }
        state.acts.append("indexes \(name) \(indexes.compactMap { $0["type"]?.string }.joined(separator: "+"))")
        return .arango(#"{"result":true}"#)
    }

    private static func fill(_ request: WireServer.Request, _ state: inout State) -> WireServer.Answer {
        let name = argument("collection", request)
        guard state.collections[name] != nil else { return .arangoError(404, 1203) }
        state.bytes.append(request.body.count)
        state.acts.append("data \(name)")
        for line in request.text.split(separator: "\n") {
            if name == "_users", let user = (try? JSONValue(parsing: line.utf8))?["user"]?.string {
                state.collections[name]?.documents[user] = String(line)
                continue
            }
            switch try? DumpedLine(Array(line.utf8), 0..<line.utf8.count) {
            case .document(let key, _): state.collections[name]?.documents[String(decoding: key, as: UTF8.self)] = String(line)
            case .removal(let key): state.collections[name]?.documents[String(decoding: key, as: UTF8.self)] = nil
            case .blank: continue
            case nil: return .arangoError(400, 600)
            }
        }
        return .arango(#"{"result":true}"#)
    }

    func restoration(
        of dump: TestDump, in database: String = "app", _ options: DatabaseRestoration.Options = .init(),
        _ memory: TestMemory = TestMemory(), time: any TimeSource = InstantTime(), say: @escaping @Sendable (String) -> Void = { _ in }
    ) -> DatabaseRestoration {
        DatabaseRestoration(
            client: wire.arango(time: time), source: dump, database: database, options: options, memory: memory.memory, time: time, say: say
        )
    }
}
