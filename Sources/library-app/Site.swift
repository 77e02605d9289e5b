import Bindings
import FoundationEssentials

/// What is asked of the application, and what it answers.
struct Site {
    let library: Library

    func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard request.method == "GET" else { return HTTPServerResponse(405, "only GET\n") }
        do {
            return try await page(request)
        } catch {
            // The server's words: an answer in plain text, never a page.
            return HTTPServerResponse(503, "the library cannot be asked: \(error)\n")
        }
    }

    private func page(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        switch request.path {
        case "/health":
            let empty = try await library.emptyTables()
            guard empty.isEmpty else { return HTTPServerResponse(503, "nothing in \(empty.joined(separator: ", "))\n") }
            return HTTPServerResponse(200, "the library is open\n")
        case "/books":
            guard let count = Int(request.value("count") ?? "10"), (1...1000).contains(count) else {
                return HTTPServerResponse(400, "count is to be between 1 and 1000\n")
            }
            return try json(await library.books(count))
        case "/search":
            guard let words = request.value("q"), !words.isEmpty else { return HTTPServerResponse(400, "q is to be what is looked for\n") }
            return try json(await library.passages(like: words))
        case "/loans/latest":
            guard let loan = try await library.latestLoan() else { return HTTPServerResponse(404, "nothing was lent yet\n") }
            return try json(loan)
        default:
            return HTTPServerResponse(404, "there are /health, /books?count=, /search?q= and /loans/latest\n")
        }
    }

    private func json(_ value: some Encodable) throws -> HTTPServerResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return HTTPServerResponse(200, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n", contentType: "application/json")
    }
}

extension HTTPServerRequest {
    fileprivate func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
