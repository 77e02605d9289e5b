import Bindings
import Documents
import FoundationEssentials
import Recovery

/// Which work cites which, in a server of ArangoDB: what the library's readers wander through.
struct DemoGraph: Sendable {
    static let database = "library"
    static let works = "works"
    static let graph = "citations"
    private static let cites = "cites"

    let address: ServerAddress
    private let http = HTTPClient()

    init(address: ServerAddress) { self.address = address }

    /// Every book of the database as a work. It cites the one before, the one at half of its number and the one at a third.
    func fill(from database: PostgresConnection) async throws {
        let books = try await database.query("SELECT id, title, shelf FROM catalogue.books ORDER BY id").rows
        try await send("POST", "/_api/database", ["name": .string(Self.database)], inside: false)
        try await send("POST", "/_api/collection", ["name": .string(Self.works)])
        try await send(
            "POST", "/_api/gharial",
            [
                "name": .string(Self.graph),
                "edgeDefinitions": [["collection": .string(Self.cites), "from": [.string(Self.works)], "to": [.string(Self.works)]]],
            ])
        try await send(
            "POST", "/_api/index?collection=\(Self.works)", ["type": "persistent", "fields": ["shelf"], "name": "by_shelf"])
        try await send("POST", "/_api/analyzer", ["name": "words", "type": "text", "properties": ["locale": "en", "stopwords": []]])
        try await send(
            "POST", "/_api/view",
            [
                "name": "titles", "type": "arangosearch",
                "links": [Self.works: ["fields": ["title": ["analyzers": ["words"]]]]],
            ])
        try await load(
            Self.works,
            books.map { ["_key": .string($0[0] ?? ""), "title": .string($0[1] ?? ""), "shelf": .string($0[2] ?? "")] })
        let numbers = books.compactMap { $0[0].flatMap { Int($0) } }
        try await load(Self.cites, numbers.flatMap { Self.citations(of: $0) })
    }

    private static func citations(of number: Int) -> [JSONValue] {
        Set([number - 1, number / 2, number / 3]).filter { $0 >= 1 }.sorted().map { cited in
            ["_key": .string("\(number)-\(cited)"), "_from": .string("\(works)/\(number)"), "_to": .string("\(works)/\(cited)")]
        }
    }

    /// A script that was meant for another database: works gone, others renamed, and the graph with them.
    func damage() async throws {
        try await query("FOR w IN \(Self.works) FILTER w.shelf == \"botany\" REMOVE w IN \(Self.works)")
        try await query("FOR w IN \(Self.works) FILTER TO_NUMBER(w._key) > 1500 UPDATE w WITH {title: \"?\"} IN \(Self.works)")
        try await send("DELETE", "/_api/gharial/\(Self.graph)", nil)
    }

    private func query(_ aql: String) async throws { try await send("POST", "/_api/cursor", ["query": .string(aql)]) }

    private func load(_ collection: String, _ documents: [JSONValue]) async throws {
        let lines = documents.map { $0.text() + "\n" }.joined()
        try await send(
            "POST", "/_db/\(Self.database)/_api/import?collection=\(collection)&type=documents&complete=true", body: Array(lines.utf8))
    }

    private func send(_ method: String, _ path: String, _ body: JSONValue?, inside: Bool = true) async throws {
        try await send(method, (inside ? "/_db/\(Self.database)" : "") + path, body: body.map { Array($0.text().utf8) })
    }

    private func send(_ method: String, _ path: String, body: [UInt8]?) async throws {
        let login = "\(address.user ?? "root"):\(address.password?.reveal { $0 } ?? "")"
        let request = HTTPRequest(
            method, "http://\(address.host):\(address.port)\(path)",
            headers: [HTTPHeader("Authorization", "Basic \(Data(login.utf8).base64EncodedString())")],
            body: body.map { .bytes($0) } ?? .none)
        let response = try await http.send(request)
        guard (200..<300).contains(response.status) else {
            throw Failure(
                .engine, "the demo's citations could not be made: \(method) \(path) got status \(response.status)",
                cause: Failure(.engine, String(decoding: response.body.prefix(500), as: UTF8.self)))
        }
    }
}
