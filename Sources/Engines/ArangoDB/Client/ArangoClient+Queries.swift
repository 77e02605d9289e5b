import Bindings
import Documents
import Recovery

/// What came out of a query.
struct ArangoRows: Sendable {
    /// The first of them, each as it stands in the answer.
    let rows: [[UInt8]]
    let count: Int64
    /// Documents that it wrote or removed.
    let writes: Int64
}

extension ArangoClient {
    private static let rowsPerAnswer = 1000

    /// Runs a query to its end.
    ///
    /// - Parameters:
    ///   - bind: an object.
    ///   - keeping: how many rows are kept; the others are counted.
    ///   - limit: how long it may take, on the server and here.
    func query(
        _ aql: String, bind: JSONValue, in database: String, keeping: Int, within limit: Duration?
    ) async throws -> ArangoRows {
        try ArangoName.check(database: database)
        var options: [JSONValue.Member] = [.init("fillBlockCache", false)]
        if let limit { options.append(.init("maxRuntime", .double(limit.inSeconds))) }
        var call = ArangoCall("run a query in database '\(database)'", "POST", in: database, ["_api", "cursor"]).json([
            "query": .string(aql), "bindVars": bind, "batchSize": .int(Int64(Self.rowsPerAnswer)), "ttl": 120, "options": .object(options),
        ])
        // The server ends the query itself, and says so.
        call.deadline = limit.map { $0 + .seconds(10) }
        return try await failing { try await rows(call, database, keeping) }
    }

    private func rows(_ call: ArangoCall, _ database: String, _ keeping: Int) async throws -> ArangoRows {
        var rows: [[UInt8]] = []
        var count: Int64 = 0
        var answer = try await page(call)
        let writes = answer.writes
        do {
            while true {
                count += Int64(answer.rows.count)
                rows += answer.rows.prefix(max(0, keeping - rows.count))
                guard answer.hasMore, let id = answer.id else { return ArangoRows(rows: rows, count: count, writes: writes) }
                answer = try await page(ArangoCall(call.attempt, "POST", in: database, ["_api", "cursor", id]))
            }
        } catch {
            if let id = answer.id {
                // One that is not given back ends by itself.
                await uncancelled { _ = try? await send(ArangoCall("end a query", "DELETE", in: database, ["_api", "cursor", id])) }
            }
            throw error
        }
    }

    private struct Page {
        var rows: [[UInt8]] = []
        var hasMore = false
        var id: String?
        var writes: Int64 = 0
    }

    private func page(_ call: ArangoCall) async throws -> Page {
        let body = try await send(call).body
        var page = Page()
        do {
            var cursor = JSONCursor(body)
            try cursor.enterObject()
            var isFirst = true
            while let key = try cursor.nextKey(isFirst: &isFirst) {
                switch String(decoding: key, as: UTF8.self) {
                case "result": page.rows = try cursor.verbatimItems()
                case "hasMore": page.hasMore = try cursor.verbatim().elementsEqual("true".utf8)
                case "id": page.id = try JSONValue(parsing: Array(try cursor.verbatim())).string
                case "extra":
                    let extra = try? JSONValue(parsing: Array(try cursor.verbatim()))
                    page.writes = extra?["stats"]?["writesExecuted"]?.int ?? 0
                default: try cursor.skipValue()
                }
            }
            try cursor.finish()
        } catch {
            throw Failure(
                .engine, "cannot \(call.attempt) on \(server.words): the answer is not whole",
                hint: "is there a proxy between that cuts answers off?", cause: PlainReason(stringLiteral: "\(error)"))
        }
        return page
    }
}
