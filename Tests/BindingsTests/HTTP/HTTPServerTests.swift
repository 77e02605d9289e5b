import Bindings
import Dispatch
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    private let client = HTTPClient()

    private func url(_ server: HTTPServer, _ path: String = "/") -> String { "http://127.0.0.1:\(server.port)\(path)" }

    @Test func handlersThatBlockDoNotHoldEachOtherUp() async throws {
        let everybody = DispatchSemaphore(value: 0)
        let arrived = Collected<Int>()
        let server = try HTTPServer { _ in
            arrived.add(1)
            if arrived.values.count == 20 { for _ in 0..<20 { everybody.signal() } }
            everybody.wait()
            return HTTPServerResponse(200, "all")
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await client.send(HTTPRequest("GET", url(server))).text } }
            for try await text in group { #expect(text == "all") }
        }
        await server.stop()
    }

    @Test func aHandlerMayBeATask() async throws {
        let server = try HTTPServer(asyncHandler: { request in
            await Task.yield()
            return HTTPServerResponse(202, request.text)
        })
        let answer = try await client.send(HTTPRequest("POST", url(server), body: .bytes(Array("hello".utf8))))
        #expect(answer.status == 202)
        #expect(answer.text == "hello")
    }

    @Test func aStoppedServerAnswersNoMore() async throws {
        let server = try HTTPServer { _ in HTTPServerResponse() }
        #expect(try await client.send(HTTPRequest("GET", url(server))).status == 200)
        await server.stop()
        await server.stop()
        let error = await #expect(throws: HTTPError.self) { try await client.send(HTTPRequest("GET", url(server))) }
        #expect(error?.kind == .unreachable)
        // And its port is free again.
        let next = try HTTPServer(port: server.port) { _ in HTTPServerResponse(204) }
        #expect(try await client.send(HTTPRequest("GET", url(next))).status == 204)
    }

    @Test func aTakenPortIsRefusedWithItsNumber() throws {
        let server = try HTTPServer { _ in HTTPServerResponse() }
        let error = #expect(throws: HTTPServerError.self) { try HTTPServer(port: server.port) { _ in HTTPServerResponse() } }
        #expect(error?.description == "cannot listen on port \(server.port): Address already in use")
    }

    @Test func aBodyOfUnknownSizeBeyondTheLimitIsRefused() async throws {
        let server = try HTTPServer(bodyLimit: 10) { HTTPServerResponse(200, $0.text) }
        var request = HTTPRequest("PUT", url(server), headers: [HTTPHeader("Transfer-Encoding", "chunked")])
        request.body = .bytes(Array("0123456789".utf8))
        #expect(try await client.send(request).text == "0123456789")
        request.body = .bytes(Array("0123456789x".utf8))
        let answer = try await client.send(request)
        #expect(answer.status == 413)
        #expect(answer.text == "the body is larger than 10 bytes\n")
    }
}
