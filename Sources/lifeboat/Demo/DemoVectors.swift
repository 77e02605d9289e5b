import Bindings
import Documents
import Recovery

/// The library's vectors, in a server of Qdrant: what its search by meaning asks.
struct DemoVectors: Sendable {
    static let collection = "book_chunks"
    static let alias = "chunks"
    static let dimensions = 384

    let address: ServerAddress
    private let http = HTTPClient()

    /// Every passage of the database as a point.
    func fill(from database: PostgresConnection) async throws {
        try await put(
            "/collections/\(Self.collection)",
            ["vectors": ["size": .int(Int64(Self.dimensions)), "distance": "Euclid"]])
        var last: Int64 = 0
        while true {
            let rows = try await database.query(
                """
                SELECT c.id, c.embedding, c.book, c.page, b.shelf FROM catalogue.chunks c JOIN catalogue.books b ON b.id = c.book
                WHERE c.id > $1 ORDER BY c.id LIMIT 500
                """, [.text("\(last)")]
            ).rows
            guard let end = rows.last?[0].flatMap({ Int64($0) }) else { break }
            // What PostgreSQL prints for a vector is JSON too.
            let points = rows.map { row in
                let payload = JSONValue.object([
                    .init("book", .int(Int64(row[2] ?? "") ?? 0)), .init("page", .int(Int64(row[3] ?? "") ?? 0)),
                    .init("shelf", .string(row[4] ?? "")),
                ])
                return "{\"id\":\(row[0] ?? "0"),\"vector\":\(row[1] ?? "[]"),\"payload\":\(payload.text())}"
            }
            try await send(
                "PUT", "/collections/\(Self.collection)/points?wait=true", Array("{\"points\":[\(points.joined(separator: ","))]}".utf8))
            last = end
        }
        try await put("/collections/\(Self.collection)/index?wait=true", ["field_name": "shelf", "field_schema": "keyword"])
        try await put("/collections/\(Self.collection)/index?wait=true", ["field_name": "page", "field_schema": "integer"])
        try await send(
            "POST", "/collections/aliases",
            Self.bytes(["actions": [["create_alias": ["collection_name": .string(Self.collection), "alias_name": .string(Self.alias)]]]]))
    }

    /// The accident that everybody has once: another model, another size, and a script that begins by dropping the collection.
    func damage() async throws {
        try await send("DELETE", "/collections/\(Self.collection)", nil)
        try await put("/collections/\(Self.collection)", ["vectors": ["size": 3, "distance": "Cosine"]])
        try await put("/collections/\(Self.collection)/points?wait=true", ["points": [["id": 1, "vector": [0.1, 0.2, 0.3]]]])
    }

    private func put(_ path: String, _ body: JSONValue) async throws { try await send("PUT", path, Self.bytes(body)) }

    private static func bytes(_ body: JSONValue) -> [UInt8] { Array(body.text().utf8) }

    private func send(_ method: String, _ path: String, _ body: [UInt8]?) async throws {
        var request = HTTPRequest(
            method, "http://\(address.host):\(address.port)\(path)",
            headers: [HTTPHeader("api-key", address.password?.reveal { $0 } ?? ""), HTTPHeader("Content-Type", "application/json")],
            body: body.map { .bytes($0) } ?? .none)
        request.deadline = .seconds(120)
        let response: HTTPResponse
        do { response = try await http.send(request) } catch let error as HTTPError {
            throw error.kind == .cancelled ? CancellationError() : Failure(.engine, "the demo's vectors could not be made", cause: error)
        }
        guard (200..<300).contains(response.status) else {
            throw Failure(
                .engine, "the demo's vectors could not be made: \(method) \(path) was answered with \(response.status): \(response.text)")
        }
    }
}
