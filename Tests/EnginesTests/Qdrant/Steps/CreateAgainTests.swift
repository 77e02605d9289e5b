import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// A create that was cut off is begun anew, and what it had made is dropped for that: with the care of every drop.
@Suite(.timeLimit(.minutes(1))) struct CreateAgainTests {
    @Test func whatIsMadeAnewIsNotDroppedUnderASnapshot() async throws {
        let looks = Mutex(0)
        let server = try BooksServer { line, state in
            switch line {
            case "GET /metrics":
                let count = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                state.creating = count < 3 ? 1 : 0
                return nil
            case "GET /collections/books":
                return .json(
                    #"{"status":"green","optimizer_status":"ok","config":{"params":{"vectors":{"size":3,"distance":"Cosine"}}},"payload_schema":{}}"#
                )
            case _ where line.hasPrefix("DELETE /collections/books?"):
                return state.creating == 0 && looks.withLock({ $0 }) > 0 ? .json("true") : .error(500, "Service internal error: too early")
            case _ where line.hasPrefix("PUT /collections/books?"): return .json("true")
            default: return nil
            }
        }
        server.with { $0.points = 0 }
        let address = ServerAddress(host: "127.0.0.1", port: server.wire.port, user: nil, password: nil)
        let target = QdrantTarget(
            .configured(role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)),
            http: HTTPClient(), time: InstantTime())
        let memory = Memory()
        memory.keep("began books", .flag(true))
        let result = try await step(CreateCollectionStep.self, "{collection: books, config: {vectors: {size: 3, distance: Cosine}}}").run(
            in: target.context([], memory: memory))
        #expect(result.findings == [])
        #expect(server.count("DELETE /collections/books?") == 1 && server.count("GET /metrics") == 3, "\(server.lines)")
    }
}
