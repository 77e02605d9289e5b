import Bindings
import Recovery

/// The demo's application as a configuration reaches a real one: requests stop it, start it, and ask how it is.
///
/// The program itself belongs to the demo and ends with it; only the requests come from outside.
struct DemoApp: Sendable {
    let port: Int
    private let server: HTTPServer

    init(_ app: any AppControl) throws {
        server = try HTTPServer(asyncHandler: { request in
            do {
                switch (request.method, request.path) {
                case ("POST", "/stop"):
                    try await app.stop()
                    return HTTPServerResponse(200, "stopped\n")
                case ("POST", "/start"):
                    try await app.start()
                    return HTTPServerResponse(200, "started\n")
                case ("GET", "/running"):
                    return try await app.isRunning() == true ? HTTPServerResponse(200, "running\n") : HTTPServerResponse(503, "stopped\n")
                case ("GET", "/health"):
                    let health = try await app.health()
                    if case .healthy(let words) = health { return HTTPServerResponse(200, "\(words)\n") }
                    return HTTPServerResponse(503, "\(health)\n")
                default: return HTTPServerResponse(404, "there is /stop, /start, /running and /health\n")
                }
            } catch {
                return HTTPServerResponse(500, "\(error)\n")
            }
        })
        port = server.port
    }

    /// For `apps:` of a configuration.
    var document: String {
        let address = "http://127.0.0.1:\(port)"
        return "{stop: {http: \"\(address)/stop\"}, start: {http: \"\(address)/start\"}, healthy: {http: \"\(address)/health\"}, "
            + "running: {http: \"\(address)/running\"}}"
    }

    func stop() async { await server.stop() }
}
