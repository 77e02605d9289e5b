import Bindings
import Dispatch
import FoundationEssentials
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    private let client = HTTPClient()
    private func url(_ server: HTTPServer, _ path: String = "/") -> String { "http://127.0.0.1:\(server.port)\(path)" }
    private func url(_ server: RawServer, _ path: String = "/") -> String { "http://127.0.0.1:\(server.port)\(path)" }

    private func failure(_ request: HTTPRequest) async -> HTTPError? {
        do { _ = try await client.send(request) } catch let error as HTTPError { return error } catch {}
        return nil
    }

    // MARK: Requests and answers

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
    func everyMethodArrivesWithItsBodyAndHeaders(_ method: String) async throws {
        let seen = Collected<HTTPServerRequest>()
        let server = try HTTPServer { request in
            seen.add(request)
            return HTTPServerResponse(201, headers: [HTTPHeader("X-Answer", "yes")], body: .bytes(request.body.reversed()))
        }
        let body = Array("the body\0\u{ff}".utf8)
        let answer = try await client.send(
            HTTPRequest(
                method, url(server, "/a%20b?x=1&y=%C3%BC&z"), headers: [HTTPHeader("X-Empty", ""), HTTPHeader("X-Key", "k: v")],
                body: .bytes(body)))
        #expect(answer.status == 201)
        #expect(answer.isSuccess)
        #expect(answer.body == body.reversed())
        #expect(answer.header("x-answer") == "yes")
        let request = try #require(seen.values.first)
        #expect(request.method == method)
        #expect(request.path == "/a b")
        #expect(request.query.map(\.name) == ["x", "y", "z"])
        #expect(request.query.map(\.value) == ["1", "ü", nil])
        #expect(request.body == body)
        #expect(request.header("x-key") == "k: v")
        #expect(request.header("x-empty") == "")
        #expect(request.header("content-length") == String(body.count))
        #expect(request.header("content-type") == nil)
        #expect(request.header("expect") == nil)
        await server.stop()
    }

    @Test func aHEADRequestHasNoBody() async throws {
        let server = try HTTPServer { _ in HTTPServerResponse(200, "body") }
        let answer = try await client.send(HTTPRequest("HEAD", url(server)))
        #expect(answer.header("Content-Length") == "4")
        #expect(answer.body == [])
    }

    @Test func aPOSTWithoutABodySaysSo() async throws {
        let server = try HTTPServer { HTTPServerResponse(200, $0.header("content-length") ?? "none") }
        #expect(try await client.send(HTTPRequest("POST", url(server))).text == "0")
    }

    @Test(arguments: [204, 301, 404, 500]) func anyStatusIsAnAnswer(_ status: Int) async throws {
        let server = try HTTPServer { _ in HTTPServerResponse(status, headers: [HTTPHeader("Location", "/elsewhere")]) }
        #expect(try await client.send(HTTPRequest("GET", url(server))).status == status)
    }

    @Test func onlyTheLastAnswerCounts() async throws {
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late:  2 \r\nContent-Length: 2\r\n\r\nok")
        }
        let answer = try await client.send(HTTPRequest("GET", url(server)))
        #expect(answer.headers == [HTTPHeader("X-Late", "2"), HTTPHeader("Content-Length", "2")])
        #expect(answer.text == "ok")
    }

    @Test func aPartOfAFileIsSentFromDisk() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/lifeboat-http-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try Data(bytes).write(to: URL(filePath: path))
        let server = try HTTPServer { HTTPServerResponse(200, body: .bytes($0.body)) }
        let answer = try await client.send(
            HTTPRequest("PUT", url(server), body: .file(path: path, offset: 1000, length: 2_000_000)))
        #expect(answer.body == Array(bytes[1000..<2_001_000]))

        #expect(
            await failure(HTTPRequest("PUT", url(server, "/x"), body: .file(path: path, offset: 2_999_000, length: 5000)))
                == HTTPError(.invalidRequest, "PUT \(url(server, "/x")): cannot read \(path): it ends after 1000 of 5000 bytes"))
        #expect(
            await failure(HTTPRequest("PUT", url(server, "/x"), body: .file(path: path + "-gone", length: 1)))
                == HTTPError(.invalidRequest, "PUT \(url(server, "/x")): cannot read \(path)-gone: No such file or directory"))
    }

    @Test func anAnswerIsReadThoughTheServerDidNotWantTheBody() async throws {
        let server = try HTTPServer(bodyLimit: 1000) { _ in HTTPServerResponse() }
        for _ in 0..<20 {
            let answer = try await client.send(HTTPRequest("PUT", url(server), body: .bytes([UInt8](repeating: 1, count: 8 << 20))))
            #expect(answer.status == 413)
        }
        let rude = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        }
        for round in 0..<100 {
            let method = round % 2 == 0 ? "PUT" : "POST"
            let answer = try await client.send(HTTPRequest(method, url(rude), body: .bytes([UInt8](repeating: 1, count: 8 << 20))))
            #expect(answer.status == 403)
        }
    }

    @Test func aUnixSocketIsAsGoodAsAPort() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/lifeboat-\(UInt32.random(in: 0...UInt32.max)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let server = try HTTPServer(unixSocket: path) { HTTPServerResponse(200, $0.path) }
        var request = HTTPRequest("GET", "http://docker/v1.41/info")
        request.unixSocket = path
        #expect(try await client.send(request).text == "/v1.41/info")
        await server.stop()
        #expect(await failure(request)?.kind == .unreachable)
    }

    // MARK: Connections

    @Test func aConnectionIsUsedAgain() async throws {
        let server = try RawServer { connection, _ in
            while connection.read(until: "\r\n\r\n").hasPrefix("GET") { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        }
        for _ in 0..<10 { #expect(try await client.send(HTTPRequest("GET", url(server))).text == "ok") }
        #expect(server.connections == 1)
    }

    @Test func aRepeatableRequestSurvivesAConnectionThatDiedIdle() async throws {
        let server = try RawServer { connection, number in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            // Takes the next request and dies of it.
            if number == 0 { connection.read(until: "\r\n\r\n") }
        }
        #expect(try await client.send(HTTPRequest("GET", url(server))).text == "0")
        #expect(try await client.send(HTTPRequest("PUT", url(server), body: .bytes([1, 2, 3]))).text == "1")
    }

    @Test func aRequestThatMustNotBeRepeatedIsNot() async throws {
        let posts = Collected<String>()
        let server = try RawServer { connection, number in
            while true {
                let request = connection.read(until: "\r\n\r\n")
                // A POST may have been acted upon, and gets no answer.
                guard request.hasPrefix("GET") else { return posts.add(request) }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0")
            }
        }
        _ = try await client.send(HTTPRequest("GET", url(server)))
        let error = await failure(HTTPRequest("POST", url(server)))
        #expect(error == HTTPError(.connectionLost, "POST \(url(server)): Empty reply from server"))
        #expect(posts.values.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test func manyRequestsRunAtOnce() async throws {
        let server = try HTTPServer { HTTPServerResponse(200, $0.path) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let answer = try await client.send(HTTPRequest("GET", url(server, "/\(number)")))
                    #expect(answer.text == "/\(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: Streaming

    @Test func aBodyStreamsNoFasterThanItIsTaken() async throws {
        let made = Collected<Int>()
        made.add(0)
        let total = 64 << 20
        let server = try HTTPServer { _ in
            HTTPServerResponse(
                body: .stream {
                    guard made.values[0] < total else { return nil }
                    made.replaceLast { $0 + (64 << 10) }
                    return [UInt8](repeating: 7, count: 64 << 10)
                })
        }
        let taken = Collected<Int>()
        taken.add(0)
        let most = Collected<Int>()
        most.add(0)
        let answer = try await client.download(HTTPRequest("GET", url(server))) { piece in
            taken.replaceLast { $0 + piece.count }
            let ahead = made.values[0] - taken.values[0]
            most.replaceLast { max($0, ahead) }
        }
        #expect(answer.status == 200)
        #expect(answer.body == [])
        #expect(taken.values == [total])
        // What the kernel's buffers and ours hold, at most; not the whole.
        #expect(most.values[0] < 24 << 20)
    }

    @Test func theBodyOfAnErrorDoesNotReachTheConsumer() async throws {
        let server = try HTTPServer { _ in HTTPServerResponse(404, "gone") }
        let answer = try await client.download(HTTPRequest("GET", url(server))) { _ in Issue.record("reached the consumer") }
        #expect(answer.status == 404)
        #expect(answer.text == "gone")
    }

    @Test func whatTheConsumerThrowsEndsTheDownload() async throws {
        struct Full: Error, Equatable {}
        let server = try HTTPServer { _ in HTTPServerResponse(body: .stream { [UInt8](repeating: 0, count: 1 << 16) }) }
        await #expect(throws: Full()) {
            try await client.download(HTTPRequest("GET", url(server))) { _ in throw Full() }
        }
        await server.stop()
    }

    // MARK: Failures

    @Test func aCancelledRequestEndsAtOnce() async throws {
        let (arrived, arrive) = AsyncStream<Void>.makeStream()
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            arrive.finish()
            connection.read(until: "never")
        }
        var request = HTTPRequest("GET", url(server))
        request.deadline = nil
        let task = Task { [request] in try await client.send(request) }
        for await _ in arrived {}
        task.cancel()
        await #expect(throws: HTTPError(.cancelled, "GET \(url(server)): cancelled")) { try await task.value }
    }

    @Test func aTaskCancelledBeforehandSendsNothing() async throws {
        let server = try RawServer { connection, _ in connection.read(until: "\r\n\r\n") }
        let request = HTTPRequest("GET", url(server))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.send(request)
        }
        task.cancel()
        await #expect(throws: HTTPError(.cancelled, "GET \(url(server)): cancelled")) { try await task.value }
        #expect(server.connections == 0)
    }

    @Test func aServerThatNeverAnswersIsLeftAtTheDeadline() async throws {
        let silent = try RawServer()
        var request = HTTPRequest("GET", url(silent))
        request.deadline = .milliseconds(200)
        let error = await failure(request)
        #expect(error?.kind == .timedOut)
        #expect(error?.message.hasPrefix("GET \(url(silent)): Operation timed out after ") == true)
    }

    @Test func anAnswerThatTricklesIsLeft() async throws {
        let left = DispatchSemaphore(value: 0)
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1")
            left.wait()
        }
        defer { left.signal() }
        var request = HTTPRequest("GET", url(server))
        request.lowSpeed = HTTPRequest.LowSpeed(bytesPerSecond: 1000, for: .seconds(1))
        let error = await failure(request)
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("Operation too slow") == true)
    }

    @Test func aBodyBeyondTheLimitIsRefused() async throws {
        let server = try HTTPServer { _ in HTTPServerResponse(body: .stream { [UInt8](repeating: 0, count: 1 << 16) }) }
        var request = HTTPRequest("GET", url(server))
        request.responseLimit = 1_000_000
        #expect(await failure(request) == HTTPError(.tooLarge, "GET \(url(server)): the answer is larger than 1000000 bytes"))
        await server.stop()
    }

    @Test func aClosedPortIsUnreachable() async throws {
        let listener = try RawServer()
        listener.stop()
        let error = await failure(HTTPRequest("GET", url(listener)))
        #expect(error?.kind == .unreachable)
        #expect(error?.message.contains("Failed to connect to 127.0.0.1 port \(listener.port)") == true)
    }

    @Test func aHostThatDoesNotExistIsUnreachable() async {
        var request = HTTPRequest("GET", "http://no-such-host.invalid/")
        request.connectTimeout = .seconds(20)
        let error = await failure(request)
        #expect(error == HTTPError(.unreachable, "GET http://no-such-host.invalid/: Could not resolve host: no-such-host.invalid"))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", HTTPError.Kind.connectionLost), ("", .connectionLost),
        ("SSH-2.0-OpenSSH_9.2\r\n", .protocolError),
    ]) func anAnswerThatIsNoneIsAnError(_ text: String, _ kind: HTTPError.Kind) async throws {
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write(text)
        }
        #expect(await failure(HTTPRequest("GET", url(server)))?.kind == kind)
    }

    @Test(arguments: [
        (
            HTTPRequest("GET", "http://h/", headers: [HTTPHeader("X", "a\r\nEvil: 1")]),
            "GET http://h/: the header 'X' contains a line break or NUL"
        ),
        (
            HTTPRequest("GET", "http://h/", headers: [HTTPHeader("X: a\r\nEvil", "1")]),
            "GET http://h/: not a name of a header: 'X: a\r\nEvil'"
        ),
        (HTTPRequest("GET /x HTTP/1.1\r\nA: ", "http://h/"), "not a method of HTTP: 'GET /x HTTP/1.1\r\nA: '"),
        (HTTPRequest("GET", "http://h/a b"), "GET http://h/a b: the address has characters that need escaping"),
        (HTTPRequest("GET", "http://h/\r\nHost: evil"), "GET http://h/\r\nHost: evil: the address has characters that need escaping"),
        (HTTPRequest("GET", "file:///etc/passwd"), "GET file:///etc/passwd: Protocol \"file\" not supported or disabled in libcurl"),
    ]) func whatIsNoRequestIsNotSent(_ request: HTTPRequest, _ words: String) async {
        #expect(await failure(request) == HTTPError(.invalidRequest, words))
    }

    @Test func noProxyIsUsedUnlessNamed() async throws {
        let proxy = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
        }
        var request = HTTPRequest("GET", "http://127.0.0.1:1/x")
        request.proxy = url(proxy)
        #expect(try await client.send(request).text == "proxy")
        await #expect(processExitsWith: .success) {
            let server = try HTTPServer { _ in HTTPServerResponse(200, "direct") }
            for name in ["http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"] { setVariable(name, "http://127.0.0.1:1") }
            let answer = try await HTTPClient().send(HTTPRequest("GET", "http://127.0.0.1:\(server.port)/"))
            #expect(answer.text == "direct")
        }
    }

    @Test func aRequestPrintsWithoutItsSecrets() {
        let request = HTTPRequest("GET", "https://user:pw@h:1/a?key=s3cret", headers: [HTTPHeader("Api-Key", "s3cret")])
        var dumped = ""
        dump(request, to: &dumped)
        #expect("\(request)" == "GET https://h:1/a")
        for text in [String(reflecting: request), dumped] { #expect(!text.contains("s3cret") && !text.contains("pw")) }
    }
}
