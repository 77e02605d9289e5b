import Bindings
import Environments
import Recovery
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WebCallsTests {
    @Test func anyStatusIsAnAnswer() async throws {
        let server = try HTTPServer { request in HTTPServerResponse(503, "\(request.method) down") }
        let answer = try await WebCalls().send(
            "GET", Secret("http://127.0.0.1:\(server.port)/health"), headers: ["X-A": "1"], body: nil, within: .seconds(5))
        #expect(answer.status == 503)
        #expect(answer.body == Array("GET down".utf8))
        await server.stop()
    }

    @Test func nobodyThereIsUnreachableAndTellsNoSecret() async throws {
        let port = try Machine.freeLoopbackPort()
        let failure = await #expect(throws: Failure.self) {
            try await WebCalls().send(
                "POST", Secret("http://127.0.0.1:\(port)/hook?key=hidden"), headers: [:], body: [1], within: .seconds(5))
        }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.description.contains("hidden") == false)
    }

    @Test func aServerThatDoesNotAnswerInTimeTimesOut() async throws {
        let socket = try HTTPServer(asyncHandler: { _ in
            try? await Task.sleep(for: .milliseconds(500))
            return HTTPServerResponse(200)
        })
        let failure = await #expect(throws: Failure.self) {
            try await WebCalls().send("GET", Secret("http://127.0.0.1:\(socket.port)/"), headers: [:], body: nil, within: .milliseconds(50))
        }
        #expect(failure?.kind == .timedOut)
        await socket.stop()
    }
}
