import Recovery

/// Asks for neighbours whose answer is worth keeping: each query exactly, and as applications ask.
struct GoldenCapture: Sendable {
    let client: QdrantClient

    static let neighbours = 10

    func ask(_ collection: String, about points: [Point], queries: Int) async throws -> [GoldenQuery] {
        var golden: [GoldenQuery] = []
        for query in QueryVectors.make(from: points, count: queries) {
            func answer(exact: Bool) async throws -> [GoldenQuery.Neighbour] {
                let body = try await client.query(
                    collection,
                    GoldenQuery.body(vectorName: query.vectorName, query: query.vector, limit: Self.neighbours, exact: exact),
                    "search collection '\(collection)'")
                do { return try GoldenQuery.neighbours(reading: body) } catch {
                    throw Failure(
                        .engine, "cannot search collection '\(collection)' on \(client.server.words): the answer is not whole",
                        cause: "\(error)" as PlainReason)
                }
            }
            let (exact, indexed) = (try await answer(exact: true), try await answer(exact: false))
            // A vector with an infinity leads every answer, without a score: such an answer says nothing, and is none after a capture by
            // points, which cannot hold that vector.
            guard (exact + indexed).allSatisfy({ $0.score != nil }) else { continue }
            golden.append(
                GoldenQuery(
                    vectorName: query.vectorName, query: query.vector, limit: Self.neighbours, exact: exact, indexed: indexed))
        }
        return golden
    }
}
