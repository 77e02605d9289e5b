import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

private typealias Act = @Sendable (QdrantClient, _ file: String) async throws -> Void

/// What changes something on a server.
private let orders: [(String, Act)] = [
    ("create", { client, _ in try await client.create("books", [:]) }),
    ("patch", { client, _ in try await client.patch("books", [:]) }),
    ("drop", { client, _ in _ = try await client.drop("books") }),
    ("aliases", { client, _ in try await client.change(aliases: [["delete_alias": ["alias_name": "a"]]], "change aliases") }),
    ("index", { client, _ in try await client.createIndex("f", "keyword", in: "books") }),
    ("snapshot", { client, _ in _ = try await failing { try await client.createSnapshot(of: "books") } }),
    ("delete", { client, _ in try await client.deleteSnapshot("x.snapshot", of: "books") }),
    ("recover", { client, _ in try await failing { try await client.recover("books", from: "file:///x", sha256: nil, .snapshot) } }),
    (
        "upload",
        { client, file in
            try await failing {
                try await client.upload(file, bytes: 3, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
            }
        }
    ),
]

/// What only asks, and writing points, which may be done twice.
private let questions: [(String, Act)] = [
    ("root", { client, _ in _ = try await client.root() }),
    ("ready", { client, _ in try await client.ready() }),
    ("activity", { client, _ in _ = try await client.activity() }),
    ("cluster", { client, _ in _ = try await client.isCluster() }),
    ("collections", { client, _ in _ = try await client.collections() }),
    ("aliases", { client, _ in _ = try await client.aliases() }),
    ("info", { client, _ in _ = try await client.info("books") }),
    ("shards", { client, _ in _ = try await client.shards("books") }),
    ("count", { client, _ in _ = try await failing { try await client.count("books") } }),
    ("scroll", { client, _ in _ = try await client.scroll("books", from: nil, limit: 1) }),
    ("retrieve", { client, _ in _ = try await client.retrieve("books", ids: ["1"]) }),
    ("query", { client, _ in _ = try await client.query("books", Array("{}".utf8), "search") }),
    ("list", { client, _ in _ = try await client.snapshots(of: "books") }),
    ("upsert", { client, _ in try await client.upsert(Array("{}".utf8), into: "books") }),
]

@Suite(.timeLimit(.minutes(5)))
struct QdrantWireTests {
    private func withFile(_ bytes: [UInt8] = [1, 2, 3], _ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await write(bytes, to: folder + "/x.snapshot")
            try await body(folder + "/x.snapshot")
        }
    }

    // MARK: Again, or not

    @Test func aQuestionOverAConnectionThatDiedIdleIsAskedAgain() async throws {
        let asked = Mutex(0)
        let server = try WireServer { request in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count == 2 ? .nothing : .json(#"{"collections":[{"name":"b"},{"name":"a"}]}"#)
        }
        let time = InstantTime()
        let client = server.client(time: time)
        #expect(try await client.collections() == ["a", "b"])
        let start = time.uptime
        #expect(try await client.collections() == ["a", "b"])
        #expect(server.connections == 2)
        #expect(time.uptime - start < .milliseconds(100), "nobody had to wait for that")
    }

    @Test(arguments: orders.indices) func anOrderIsNeverSentTwice(_ index: Int) async throws {
        let answers: [WireServer.Answer] = [
            .nothing, .error(408, "Timeout: x"), .error(429, "Rate limiting exceeded: x"), .text("<html>", status: 502),
            .error(503, "Shard temporarily unavailable: x"), .text("", status: 504),
            .error(500, "Service internal error: Local shard 0 not found"),
            .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".utf8)),
        ]
        try await withFile { file in
            for answer in answers {
                let server = try WireServer { $0.method == "GET" ? .json(#"{"collections":[]}"#) : answer }
                let client = server.client()
                // So that there is a connection that could be used again.
                _ = try await client.collections()
                let failure = try #require(await failureOf { try await orders[index].1(client, file) }, "\(orders[index].0) \(answer)")
                #expect(failure.isWorthRetrying, "\(failure)")
                #expect(failure.kind != .bug)
                #expect(server.lines.count == 2, "\(orders[index].0) \(answer): \(server.lines)")
            }
        }
    }

    @Test(arguments: questions.indices) func aQuestionIsAskedThriceAtMost(_ index: Int) async throws {
        let passing: [WireServer.Answer] = [
            .nothing, .error(408, "Timeout: x"), .error(429, "Rate limiting exceeded: x"), .text("<html>", status: 502),
            .error(503, "Shard temporarily unavailable: x"), .text("", status: 504),
            .error(500, "Service internal error: Local shard 0 not found"), .error(500, "Service internal error: Tonic status error: x"),
            .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".utf8)),
        ]
        for answer in passing {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await questions[index].1(server.client(), "") })
            #expect(failure.isWorthRetrying, "\(failure)")
            #expect(server.lines.count == 3, "\(questions[index].0) \(answer): \(server.lines)")
        }
        let final: [WireServer.Answer] = [
            .error(400, "Wrong input: x"), .text("Invalid API key or JWT", status: 401), .error(403, "Forbidden: x"),
            .text("", status: 404),
            .error(422, "Validation error"), .error(500, "Service internal error: x"), .text("", status: 301),
        ]
        for answer in final {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await questions[index].1(server.client(), "") })
            #expect(!failure.isWorthRetrying, "\(failure)")
            #expect(server.lines.count == 1, "\(questions[index].0) \(answer): \(server.lines)")
        }
    }

    @Test(arguments: [
        ("30", 30), ("0", 0), ("3600", 60), ("-5", 0), ("Sat, 21 Nov 2026 08:05:40 GMT", 0), ("", 0), ("99999999999999999999999", 0),
    ])
    func aServerThatWantsTimeGetsIt(_ header: String, _ seconds: Int) async throws {
        let asked = Mutex(0)
        let server = try WireServer { _ in
            let isFirst = asked.withLock { count in
                count += 1
                return count == 1
            }
            let body = Array(#"{"status":{"error":"Rate limiting exceeded: Read rate limit exceeded"},"time":0}"#.utf8)
            return isFirst ? .status(429, headers: ["retry-after: \(header)"], body: body) : .json(#"{"collections":[]}"#)
        }
        let time = InstantTime()
        let start = time.uptime
        #expect(try await server.client(time: time).collections() == [])
        let waited = time.uptime - start
        #expect(waited >= .seconds(seconds) && waited < .seconds(seconds + 2), "\(waited)")
    }

    @Test func nobodyThereIsFoundOutOnce() async throws {
        let server = try WireServer { _ in .nothing }
        let port = server.port
        server.stop()
        let failure = try #require(await failureOf { _ = try await QdrantClient.testing(port: port).collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.problem == "cannot list the collections on 'vectors' (127.0.0.1:\(port))")
        #expect(failure.hint?.hasPrefix("check that the server runs") == true)
    }

    @Test(arguments: [
        (HTTPError.Kind.unreachable, false), (.tlsFailed, false), (.invalidRequest, false), (.connectionLost, true), (.timedOut, true),
        (.protocolError, true),
    ])
    func anOrderThatNobodyHeardIsKnownFromOneWhoseAnswerGotLost(_ kind: HTTPError.Kind, _ isLost: Bool) {
        #expect(Failure(HTTPError(kind, "x"), cannot: "drop it", on: "'v'").mayHaveBeenHeard == isLost)
    }

    // MARK: Broken answers

    @Test(arguments: [true, false]) func anAnswerIsReadThoughTheBodyWasRefused(_ closes: Bool) async throws {
        let words = "JSON payload (34603077 bytes) is larger than allowed (limit: 33554432 bytes)."
        let body = #"{"status":{"error":"\#(words)"},"time":0.0}"#
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write(
                "HTTP/1.1 400 Bad Request\r\ncontent-length: \(body.utf8.count)\r\n\(closes ? "connection: close\r\n" : "")\r\n\(body)")
            // A server of 1.15 keeps the connection and reads no more.
            if !closes { while connection.read().count > 1 << 20 {} }
        }
        let points = [UInt8](repeating: UInt8(ascii: " "), count: 12 << 20)
        let failure = try #require(await failureOf { try await QdrantClient.testing(port: server.port).upsert(points, into: "books") })
        #expect(failure.kind == .engine)
        #expect(failure.causes == ["status 400: \(words)"])
        #expect(failure.hint == "the server takes no larger request (service.max_request_size_mb)")
    }

    @Test(arguments: [
        (
            502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>",
            "status 502: a page in HTML, '502 Bad Gateway'"
        ),
        (504, "<!DOCTYPE html><TITLE> 504 Gateway\nTime-out </TITLE>", "status 504: a page in HTML, '504 Gateway\nTime-out'"),
        (503, "<html>", "status 503: a page in HTML"),
        (502, "", "it answered with status 502 and nothing else"),
    ])
    func theAnswerOfAProxyIsNamedAsOne(_ status: Int, _ page: String, _ because: String) async throws {
        let server = try WireServer { _ in .text(page, status: status) }
        let failure = try #require(await failureOf { _ = try await server.client().collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.causes == [because])
        #expect(failure.hint?.contains("proxy") == true)
    }

    @Test func theNotFoundOfAProxyIsNoAbsence() async throws {
        for page in ["<html><title>404 Not Found</title>", "404 page not found\n", ""] {
            let server = try WireServer { _ in .text(page, status: 404) }
            let client = server.client()
            for (name, ask) in questions + orders.filter({ $0.0 == "delete" }) {
                let failure = await failureOf { try await ask(client, "") }
                #expect(failure?.kind == .engine, "\(name): \(page)")
                #expect(failure?.hint?.contains("port 6333") == true)
            }
        }
    }

    @Test func aPageInsteadOfJSONIsNamed() async throws {
        let server = try WireServer { _ in .text("<html>welcome</html>") }
        let client = server.client()
        for (name, ask) in questions where !["ready", "scroll", "retrieve", "query"].contains(name) {
            let failure = await failureOf { try await ask(client, "") }
            #expect(failure?.kind == .engine, "\(name)")
            #expect(
                failure?.problem.contains("the answer is not Qdrant's: <html>welcome") == true, "\(name): \(String(describing: failure))")
        }
    }

    @Test func metricsThatSayNothingAreNotTakenForPeace() async throws {
        let server = try WireServer { _ in .text("# HELP up\nup 1\n") }
        #expect(await failureOf { _ = try await server.client().activity() }?.kind == .engine)
    }

    @Test func somethingElseThanHTTPIsNamed() async throws {
        let server = try WireServer { _ in .bytes([0, 0, 18, 4, 0, 0, 0, 0, 0]) }
        let failure = try #require(await failureOf { _ = try await server.client().collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.hint == "what answers there does not speak HTTP: 6333 is REST, 6334 gRPC; a server with TLS needs https://")
    }

    // MARK: TLS

    @Test func tlsIsSpokenWhereItIsWantedAndNamedWhereItIsNot() async throws {
        try await withTemporaryFolder { folder in
            let made = try await run(
                Command(
                    "/usr/bin/openssl",
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
                        folder + "/key.pem", "-out", folder + "/ca.pem", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost",
                    ]))
            try #require(made.status.isSuccess, "\(made.errorTail)")
            let certificate = HTTPServer.Certificate(
                certificate: String(decoding: try await read(folder + "/ca.pem"), as: UTF8.self),
                key: String(decoding: try await read(folder + "/key.pem"), as: UTF8.self))
            let server = try HTTPServer(certificate: certificate) { _ in
                HTTPServerResponse(200, #"{"title":"qdrant","version":"1.18.3"}"#)
            }
            func client(_ scheme: String, _ options: [String: String], _ port: Int? = nil) -> QdrantClient {
                .testing(port: port ?? server.port, scheme: scheme, host: "localhost", options: options)
            }
            let good = client("https", [QdrantServer.Option.caFile: folder + "/ca.pem"])
            #expect(try await good.root().version.description == "1.18.3")

            let unknown = try #require(await failureOf { _ = try await client("https", [:]).root() })
            #expect(unknown.kind == .credentials)
            #expect(unknown.hint?.contains("?ca=FILE") == true)
            let plain = try #require(await failureOf { _ = try await client("http", [:]).root() })
            #expect(plain.kind == .unreachable)
            #expect(plain.hint?.contains("https://") == true)
            await server.stop()

            let other = try HTTPServer { _ in HTTPServerResponse(200, "") }
            let needless = try #require(await failureOf { _ = try await client("https", [:], other.port).root() })
            #expect(needless.kind == .credentials)
            #expect(needless.hint?.contains("http:// for a server without TLS") == true)
            await other.stop()
        }
    }

    // MARK: What is sent

    @Test func theKeyGoesOutAsTheTargetSays() async throws {
        let server = try WireServer { _ in .json(#"{"collections":[]}"#) }
        _ = try await server.client(key: "s3cret-key").collections()
        _ = try await server.client(key: "s3cret-key", bearer: true, prefix: "/behind/proxy").collections()
        _ = try await server.client().collections()
        _ = try await server.client(key: "").collections()
        let requests = server.requests
        #expect(requests.map { $0.header("api-key") } == ["s3cret-key", nil, nil, nil])
        #expect(requests.map { $0.header("authorization") } == [nil, "Bearer s3cret-key", nil, nil])
        #expect(requests.map(\.target) == ["/collections", "/behind/proxy/collections", "/collections", "/collections"])
        #expect(requests.allSatisfy { $0.header("accept-encoding") == nil })
    }

    @Test func aKeyWithALineBreakIsRefusedAndNotShown() async throws {
        let server = try WireServer { _ in .json("{}") }
        let failure = try #require(await failureOf { _ = try await server.client(key: "s3cret\r\nx: y").collections() })
        #expect(failure.kind == .configuration)
        #expect(!failure.description.contains("s3cret"))
        #expect(server.connections == 0)
    }

    @Test func nothingThatIsPrintedHoldsTheKey() async throws {
        let server = try WireServer { request in
            request.target == "/metrics"
                ? .text("you sent s3cret-key")
                : .text("key s3cret-key may not do this, says http://s3/x?X-Amz-Signature=abc for 's3cret-key'", status: 403)
        }
        let client = server.client(key: "s3cret-key")
        var dumped = ""
        dump(client, to: &dumped)
        for text in ["\(client)", "\(client.server)", dumped, String(reflecting: client)] { #expect(!text.contains("s3cret")) }
        let refused = try #require(await failureOf { _ = try await client.collections() })
        #expect(refused.causes == ["status 403: key ‹secret› may not do this, says http://s3/x?… for '‹secret›'"])
        let foreign = try #require(await failureOf { _ = try await client.activity() })
        #expect(foreign.problem.hasSuffix("the answer is not Qdrant's: you sent ‹secret›"))
    }

    @Test func theBodyOfAnUploadIsExact() async throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try WireServer { _ in .json("true") }
        try await withFile(bytes) { file in
            try await server.client().upload(
                file, bytes: Int64(bytes.count), as: "lifeboat-x.snapshot", into: "größe 1", sha256: "ab12", .noSync, boundary: "bound")
        }
        let request = try #require(server.requests.first)
        #expect(request.line == "POST /collections/gr%C3%B6%C3%9Fe%201/snapshots/upload?wait=true&priority=no_sync&checksum=ab12")
        #expect(request.header("content-type") == "multipart/form-data; boundary=bound")
        let head =
            "--bound\r\nContent-Disposition: form-data; name=\"snapshot\"; filename=\"lifeboat-x.snapshot\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        let whole = Array(head.utf8) + bytes + Array("\r\n--bound--\r\n".utf8)
        #expect(request.body == whole)
        #expect(request.header("content-length") == String(whole.count))
    }

    @Test func aLargeUploadNeedsNoMemory() async throws {
        let size: Int64 = 1 << 30
        let most = Mutex(0)
        let server = try WireServer { count in
            guard count % (32 << 20) < 64 << 10 else { return }
            let now = Self.ownMemory()
            most.withLock { $0 = max($0, now) }
        } _: { _ in
            .json("true")
        }
        try await withTemporaryFolder { folder in
            let made = try await run(Command("/usr/bin/truncate", ["-s", String(size), folder + "/x.snapshot"]))
            try #require(made.status.isSuccess)
            let before = Self.ownMemory()
            try await server.client().upload(
                folder + "/x.snapshot", bytes: size, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
            // Other tests run at the same time; a copy of the file would be seen all the same.
            #expect(most.withLock { $0 } - before < 512 << 20)
        }
        let request = try #require(server.requests.first)
        #expect(request.header("content-length") == String(request.length))
        let head =
            "--b\r\nContent-Disposition: form-data; name=\"snapshot\"; filename=\"x.snapshot\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        let tail = "\r\n--b--\r\n"
        #expect(request.length == size + Int64(head.utf8.count + tail.utf8.count))
        let digest = SHA256()
        digest.update(Array(head.utf8))
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<1024 { digest.update(zeros) }
        digest.update(Array(tail.utf8))
        #expect(request.sha256 == digest.hexDigest())
    }

    /// Bytes that are no file's.
    private static func ownMemory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    @Test func aFileThatCannotBeReadIsNoMatterOfTheServer() async throws {
        let server = try WireServer { _ in .json("true") }
        let failure = try #require(
            await failureOf {
                try await server.client().upload(
                    "/nonexistent/x", bytes: 3, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
            })
        #expect(failure.kind == .localStorage)
        #expect(failure.hint == "check the folder and the disk where the backup, or the copy of it, lies")
        try await withFile { file in
            let short = await failureOf {
                try await server.client().upload(file, bytes: 4, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
            }
            #expect(short?.kind == .localStorage)
        }
    }

    // MARK: Time

    @Test func whatIsLongHasNoDeadlineAndQuestionsHaveOne() {
        let long = [
            QdrantCall.creatingSnapshot(of: "b"), .downloading("s", of: "b"), .recovering("b"), .uploading(into: "b", []),
            QdrantCall("x", "POST", ["x"]).json(["exact": true]).unhurried,
        ]
        #expect(long.allSatisfy { $0.deadline == nil })
        #expect(QdrantCall("x", "GET", ["x"]).deadline == .seconds(60))
    }

    @Test(arguments: ["snapshot", "recover", "upload", "create", "drop"]) func cancellingEndsALongCallAtOnce(_ name: String) async throws {
        let server = try WireServer { _ in .silence }
        let act = try #require(orders.first { $0.0 == name }).1
        try await withFile { file in
            let client = server.client()
            let task = Task { try await act(client, file) }
            try await eventually { server.lines.count == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(server.lines.count == 1)
    }

    @Test func cancellingEndsADownloadAtOnce() async throws {
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
            while !connection.read().isEmpty {}
        }
        let received = Mutex(0)
        let client = QdrantClient.testing(port: server.port)
        let snapshot = try testSnapshot("x.snapshot", size: 100)
        let task = Task { try await client.download(snapshot, of: "books") { piece in received.withLock { $0 += piece.count } } }
        try await eventually { received.withLock { $0 } == 3 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
