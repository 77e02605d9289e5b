import Documents

/// A search whose answer is known: asked at capture, stored with the backup, asked again after a restore.
package struct GoldenQuery: Sendable, Codable, Equatable {
    package struct Neighbour: Sendable, Codable, Equatable {
        package let id: PointID
        /// The server writes `null` for a score that is no number: some vector holds an infinity or NaN.
        package let score: Float?

        package init(id: PointID, score: Float?) {
            self.id = id
            self.score = score
        }
    }

    /// Empty for the unnamed vector.
    package let vectorName: String
    package let query: PointVector
    /// How many neighbours were asked for.
    package let limit: Int
    /// How wide the index is searched; nil for the server's default.
    package let hnswEf: Int?
    /// The answer of a search without an index.
    package let exact: [Neighbour]
    /// The answer of a search as applications do it.
    package let indexed: [Neighbour]

    package init(vectorName: String, query: PointVector, limit: Int, hnswEf: Int? = nil, exact: [Neighbour], indexed: [Neighbour]) {
        self.vectorName = vectorName
        self.query = query
        self.limit = limit
        self.hnswEf = hnswEf
        self.exact = exact
        self.indexed = indexed
    }

    /// The body of `POST …/points/query`.
    package func body(exact: Bool) -> [UInt8] {
        Self.body(vectorName: vectorName, query: query, limit: limit, hnswEf: hnswEf, exact: exact)
    }

    /// The same before any answer is known.
    package static func body(vectorName: String, query: PointVector, limit: Int, hnswEf: Int? = nil, exact: Bool) -> [UInt8] {
        var body = Array("{\"query\":\(query.json),".utf8)
        if !vectorName.isEmpty {
            body += "\"using\":".utf8
            JSONEscape.write(Array(vectorName.utf8), to: &body)
            body += ",".utf8
        }
        let parameters = exact ? "{\"exact\":true}" : hnswEf.map { "{\"hnsw_ef\":\($0)}" } ?? "{}"
        body += "\"limit\":\(limit),\"params\":\(parameters),\"with_payload\":false,\"with_vector\":false}".utf8
        return body
    }

    /// Reads the answer of `POST …/points/query`.
    package static func neighbours(reading body: [UInt8]) throws(JSONSyntaxError) -> [Neighbour] {
        let page = try PointPage(answerToQuery: body)
        var neighbours: [Neighbour] = []
        for range in page.ranges {
            var cursor = JSONCursor(body, in: range)
            neighbours.append(try cursor.neighbour())
        }
        return neighbours
    }
}

extension JSONCursor {
    fileprivate mutating func neighbour() throws(JSONSyntaxError) -> GoldenQuery.Neighbour {
        var id: PointID?
        var score: Float??
        try enterObject()
        var isFirst = true
        while let key = try nextKey(isFirst: &isFirst) {
            switch String(decoding: key, as: UTF8.self) {
            case "id": id = try pointID()
            case "score": score = .some(try self.score())
            default: try skipValue()
            }
        }
        guard let id, let score else { throw failure("a neighbour has no id or no score") }
        return GoldenQuery.Neighbour(id: id, score: score)
    }

    private mutating func score() throws(JSONSyntaxError) -> Float? {
        if isAt("n") {
            try skipNull()
            return nil
        }
        let score = try float()
        return score.isFinite ? score : nil
    }
}
