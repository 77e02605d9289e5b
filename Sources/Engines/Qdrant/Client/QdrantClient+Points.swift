import Documents
import Recovery

extension QdrantClient {
    /// The body of a page of points with vectors and payload, in the order of their ids. `offset` is what the page before named as the
    /// next, as it was written.
    ///
    /// - Parameter answerLimit: bytes of the answer; a longer one is a failure whose cause is `HTTPError.tooLarge`.
    func scroll(_ collection: String, from offset: [UInt8]?, limit: Int, answerLimit: Int = 64 << 20) async throws -> [UInt8] {
        try QdrantName.check(collection)
        var body = Array("{\"limit\":\(limit),\"with_payload\":true,\"with_vector\":true".utf8)
        if let offset { body += Array(",\"offset\":".utf8) + offset }
        body.append(UInt8(ascii: "}"))
        var call = QdrantCall(
            "read the points of collection '\(collection)'", "POST", ["collections", collection, "points", "scroll"])
        call.limit = answerLimit
        return try await failing { try await send(call.json(body).asking.within(.seconds(600))) }.body
    }

    /// The body with those of the points that there are. `ids` are as JSON writes them.
    func retrieve(_ collection: String, ids: [String]) async throws -> [UInt8] {
        try QdrantName.check(collection)
        let body = Array("{\"ids\":[\(ids.joined(separator: ","))],\"with_payload\":true,\"with_vector\":true}".utf8)
        let call = QdrantCall("read points of collection '\(collection)' by id", "POST", ["collections", collection, "points"])
        return try await failing { try await send(call.json(body).asking.within(.seconds(600))) }.body
    }

    /// A page of points with nothing but their ids and, if it is named, what is under one key of their payload.
    ///
    /// - Parameter condition: a filter, for those that fulfil it.
    func scrollIDs(
        _ collection: String, with field: String?, where condition: JSONValue?, from offset: [UInt8]?, limit: Int
    ) async throws -> [UInt8] {
        try QdrantName.check(collection)
        let payload: JSONValue = field.map { ["include": [.string($0)]] } ?? false
        var body = Array("{\"limit\":\(limit),\"with_payload\":\(payload.text()),\"with_vector\":false".utf8)
        if let condition { body += Array(",\"filter\":\(condition.text())".utf8) }
        if let offset { body += Array(",\"offset\":".utf8) + offset }
        body.append(UInt8(ascii: "}"))
        var call = QdrantCall(
            "list the identifiers in collection '\(collection)'", "POST", ["collections", collection, "points", "scroll"])
        call.limit = 64 << 20
        return try await failing { try await send(call.json(body).asking.within(.seconds(600))) }.body
    }

    /// The body with the ids of those points that there are. `ids` are as JSON writes them.
    func retrieveIDs(_ collection: String, ids: [String]) async throws -> [UInt8] {
        try QdrantName.check(collection)
        let body = Array("{\"ids\":[\(ids.joined(separator: ","))],\"with_payload\":false,\"with_vector\":false}".utf8)
        let call = QdrantCall("look up points of collection '\(collection)' by id", "POST", ["collections", collection, "points"])
        return try await failing { try await send(call.json(body).asking.within(.seconds(600))) }.body
    }

    /// Writes points; a body as `{"points":[…]}`.
    func upsert(_ body: [UInt8], into collection: String) async throws {
        try QdrantName.check(collection)
        var call = QdrantCall(
            "write points into collection '\(collection)'", "PUT", ["collections", collection, "points"], query: [("wait", "true")]
        ).json(body).within(.seconds(1800))
        // Writing a point twice is writing it once.
        call.isRepeatable = true
        let result = try await failing { try await self.result(call) }
        guard result["status"]?.string == "completed" else {
            throw Failure(
                .engine, "\(server.words) took points for collection '\(collection)' and did not finish with them: \(result.text())",
                hint: "the server may be overloaded; its log says more")
        }
    }

    /// The body of a nearest-neighbour query.
    func query(_ collection: String, _ body: [UInt8], _ attempt: String) async throws -> [UInt8] {
        try QdrantName.check(collection)
        let call = QdrantCall(attempt, "POST", ["collections", collection, "points", "query"])
        return try await failing { try await send(call.json(body).asking.within(.seconds(600))) }.body
    }
}

extension QdrantCall {
    func within(_ limit: Duration?) -> QdrantCall {
        var call = self
        call.deadline = limit
        return call
    }
}
