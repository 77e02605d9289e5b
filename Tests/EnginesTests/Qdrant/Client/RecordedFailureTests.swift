import Bindings
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// A refusal as real servers gave it, by its status and how its text begins, and what the client has to make of it.
private struct Expected: Sendable {
    let status: Int
    let text: String
    /// Nil: it means that what was asked for is not there, where that is an answer.
    let kind: Failure.Kind
    /// How the hint begins; nil where the server's words say all.
    let hint: String?

    init(_ status: Int, _ text: String, _ kind: Failure.Kind, _ hint: String? = nil) {
        (self.status, self.text, self.kind, self.hint) = (status, text, kind, hint)
    }

    func fits(_ status: Int, _ words: String) -> Bool { self.status == status && (text.isEmpty ? words.isEmpty : words.hasPrefix(text)) }

    private static let internalError = "Service internal error: "
    private static let reading = internalError + "1 of 1 read operations failed:\n  " + internalError

    /// The longest beginning that fits counts.
    static let all: [Expected] = [
        Expected(400, "Bad request: Can't create collection with name s2. Max collections", .engine, "drop a collection"),
        Expected(400, "Bad request: Empty update request", .engine),
        Expected(400, "Bad request: Invalid snapshot URI", .engine, "`location:` is"),
        Expected(400, "Bad request: Limit exceeded", .engine, "the collection's strict mode"),
        Expected(400, "Bad request: Snapshot file \"", .engine, "the server sees no such file"),
        Expected(400, "Bad request: URL ftp://", .engine, "`location:` is"),
        Expected(400, "Bad request: URL s3://", .engine, "`location:` is"),
        Expected(400, "Checksum mismatch: expected ", .damaged, "what the server read is not what was captured"),
        Expected(400, "Could not find Content-Type header", .engine, "the upload did not arrive as it was sent"),
        Expected(400, "Deserialize error in query parameters: ", .engine, "the server does not understand"),
        Expected(400, "Format error in JSON body: ", .engine, "the server does not understand"),
        Expected(400, "Format error in JSON body: relative URL without a base", .engine, "`location:` is"),
        Expected(400, "JSON payload (", .engine, "the server takes no larger request"),
        Expected(400, "Payload error: JSON payload (", .engine, "the server takes no larger request"),
        Expected(400, "Multipart stream is incomplete", .engine, "the upload was cut off"),
        Expected(400, "Required field is missing: snapshot", .engine, "the upload did not arrive as it was sent"),
        Expected(400, "Wrong input: Can't create collection with name live. Alias", .engine, "an alias has that name"),
        Expected(400, "Wrong input: Cannot use an `offset` when using `order_by`", .engine),
        Expected(400, "Wrong input: Conversion between sparse and regular vectors failed", .engine),
        Expected(400, "Wrong input: Failed to download snapshot from http://", .engine, "the "),
        Expected(400, "Wrong input: Failed to download tar from http://", .engine, "the "),
        Expected(400, "Wrong input: No range index for `order_by`", .engine),
        Expected(400, "Wrong input: Not existing vector name error: ", .engine, "the collection has no vector of that name"),
        Expected(400, "Wrong input: Replica 464558835883044 of shard 0 has state", .engine, "the snapshot lacks its write-ahead log"),
        Expected(400, "Wrong input: Shard key ", .engine, "the collection has custom sharding"),
        Expected(400, "Wrong input: Snapshot checksum mismatch: ", .damaged, "what the server read is not what was captured"),
        Expected(400, "Wrong input: Snapshot is not compatible with existing collection: ", .unfit, "recreate the collection"),
        Expected(400, "Wrong input: Validation failed: malformed snapshot archive ", .damaged, "the server cannot read the snapshot"),
        Expected(400, "Wrong input: Vector dimension error: ", .engine, "the vectors have another size"),
        Expected(400, "Wrong input: Vectors configuration is not compatible", .unfit, "the snapshot has other vectors"),
        Expected(401, "Invalid API key or JWT", .credentials, "check the target's api_key"),
        Expected(401, "Must provide an API key or an Authorization bearer token", .credentials, "check the target's api_key"),
        Expected(401, "access[0].payload: The 'payload' constraint is deprecated", .credentials, "check the target's api_key"),
        Expected(403, "ExpiredSignature", .credentials, "the target's token has expired"),
        Expected(403, "Forbidden: Access to collection s is required", .credentials, "the key is read-only"),
        Expected(403, "Forbidden: Global access is required", .credentials, "the key is read-only"),
        Expected(403, "Forbidden: Global manage access is required", .credentials, "the key is read-only"),
        Expected(403, "Forbidden: Snapshot file path must be inside", .refused, "the server recovers files of its own"),
        Expected(403, "Forbidden: Snapshot recovery from remote URLs is disabled", .refused, "the server does not fetch snapshots itself"),
        Expected(403, "InvalidSignature", .credentials, "the target's token was not signed"),
        Expected(404, "", .engine, "the server does not know this call"),
        Expected(404, "Not found: Alias missing does not exists!", .notFound, "was it deleted meanwhile"),
        Expected(404, "Not found: Collection `", .notFound, "was it dropped or renamed"),
        Expected(404, "Not found: No point with id 777777 found", .notFound, "was it deleted meanwhile"),
        Expected(404, "Not found: Snapshot ", .notFound, "somebody deleted it, or another node answers"),
        Expected(409, "Wrong input: Collection `", .engine, "there is one already"),
        Expected(412, "", .engine, "this is no answer of Qdrant's"),
        Expected(415, "ContentTypeIncompatible", .engine, "the server refuses how this was asked"),
        Expected(416, "", .engine, "this is no answer of Qdrant's"),
        Expected(422, "Validation error in JSON body: ", .engine, "the server refuses how this was asked"),
        Expected(422, "Validation error in path parameters: ", .engine, "the server refuses how this was asked"),
        Expected(422, "Validation error in query parameters: ", .engine, "the server refuses how this was asked"),
        Expected(429, "Rate limiting exceeded: Read rate limit exceeded: ", .engine, "the server limits how fast"),
        Expected(429, "Rate limiting exceeded: Write rate limit exceeded: ", .engine, "the server limits how fast"),
        Expected(500, reading + "Failed to Get Info,  Failed to restore local replica", .engine, "the collection has no usable data"),
        Expected(500, reading + "Failed to restore local replica", .engine, "the collection has no usable data"),
        Expected(500, reading + "Failed to Get Info,  out of memory, recovering", .engine, "the server runs in recovery mode"),
        Expected(500, reading + "Failed to Scroll,  out of memory, recovering", .engine, "the server runs in recovery mode"),
        Expected(500, reading + "out of memory, recovering", .engine, "the server runs in recovery mode"),
        Expected(500, reading + "Tonic status error: ", .unreachable, "another node of the cluster"),
        Expected(500, internalError + "1 out of 2 shards failed to apply operation.", .unreachable, "another node of the cluster"),
        Expected(500, internalError + "Can't clear directory for collection .. Error", .engine, "the server's log says more"),
        Expected(500, internalError + "Can't read shard config at ", .damaged, "the snapshot lacks files"),
        Expected(
            500, internalError + "Can't restore snapshot in local mode with missing data at shard", .unfit,
            "the snapshot is that of one node"),
        Expected(500, internalError + "Channel closed: sending on a closed channel", .engine, "the server's log says more"),
        Expected(500, internalError + "Failed to Update Points,  out of memory", .engine, "the server runs in recovery mode"),
        Expected(500, internalError + "Failed to get_snapshot_creator,  out of memory", .engine, "the server runs in recovery mode"),
        Expected(500, internalError + "Failed to list snapshots: Generic S3 error", .engine, "the server keeps its snapshots in S3"),
        Expected(500, internalError + "Failed to unpack tar archive: Malformed tar", .damaged, "the server cannot read the snapshot"),
        Expected(500, internalError + "File IO error: Forbidden entry type", .damaged, "the server cannot read the snapshot"),
        Expected(500, internalError + "File IO error: Malformed tar archive", .damaged, "the server cannot read the snapshot"),
        Expected(500, internalError + "File IO error: failed to open file `", .damaged, "the snapshot lacks files"),
        Expected(500, internalError + "File IO error: failed to read directory `", .damaged, "the snapshot lacks files"),
        Expected(500, internalError + "File IO error: failed to remove directory `", .engine, "somebody made a snapshot"),
        Expected(500, internalError + "File IO error: failed to unpack `", .engine, "is there room on the server's disk?"),
        Expected(500, internalError + "Http request error: ", .engine, "the server could not reach the address"),
        Expected(500, internalError + "IO Error: failed to read directory `", .damaged, "the snapshot lacks files"),
        Expected(500, internalError + "Invalid path to delete: ", .engine, "the server's log says more"),
        Expected(500, internalError + "Json error: missing field `params`", .unfit, "this is a snapshot of a whole server"),
        Expected(500, internalError + "No such file or directory", .engine, "files of the server's own storage"),
        Expected(500, internalError + "Tonic status error: ", .unreachable, "another node of the cluster"),
        Expected(
            500, internalError + "Waiting for consensus operation commit failed.", .timedOut, "the nodes of the cluster did not agree"),
        Expected(
            500, internalError + "failed to create snapshot: " + internalError + "Failed to flush id_tracker mapping", .engine,
            "files of the server's own storage"),
        Expected(
            500, internalError + "failed to create snapshot: " + internalError + "out of memory, recovering", .engine,
            "the server runs in recovery mode"),
        Expected(500, internalError + "failed to read snapshot archive ", .damaged, "the server cannot read the snapshot"),
        Expected(500, internalError + "failed to rename file from ", .engine, "the server's log says more"),
        Expected(500, internalError + "failed to store snapshot archive to ", .engine, "the server keeps its snapshots in S3"),
        Expected(500, internalError + "out of memory, recovering", .engine, "the server runs in recovery mode"),
    ]
}

@Suite(.requires(Recordings.missing()), .timeLimit(.minutes(5)))
struct RecordedFailureTests {
    /// Failures in answer to a call that the client makes.
    private static func failures() throws -> [Recordings.Exchange] {
        try Recordings.all().filter { $0.status >= 400 && ClientCall.of($0.method, $0.path) != nil }
    }

    @Test func everyRecordedFailureReachesTheUserAsOurWords() async throws {
        let exchanges = try Self.failures()
        #expect(exchanges.count > 300)
        let answer = Mutex(WireServer.Answer.nothing)
        let server = try WireServer { _ in answer.withLock { $0 } }
        let client = server.client()
        var seen: Set<String> = []
        var used: Set<Int> = []
        try await withTemporaryFolder { folder in
            try await write([1, 2, 3], to: folder + "/x.snapshot")
            for exchange in exchanges {
                let refusal = QdrantRefusal(status: exchange.status, body: exchange.body ?? [], attempt: "", server: "")
                // One of each is enough on the wire.
                let words = String(refusal.text.prefix(160))
                guard seen.insert("\(exchange.method) \(exchange.path) \(exchange.status) \(words)").inserted else { continue }
                let row = try #require(
                    Expected.all.indices.filter { Expected.all[$0].fits(exchange.status, refusal.text) }
                        .max { Expected.all[$0].text.count < Expected.all[$1].text.count }, "no row for \(exchange)")
                used.insert(row)
                answer.withLock { $0 = exchange.answer }
                let call = try #require(ClientCall.of(exchange.method, exchange.path))
                var outcome = ""
                guard let failure = await failureOf({ outcome = try await call(client, folder + "/x.snapshot") }) else {
                    #expect(outcome == "absent" && refusal.isAbsence, "\(exchange)")
                    continue
                }
                check(failure, against: Expected.all[row], exchange, refusal.text)
            }
        }
        let idle = Expected.all.indices.filter { !used.contains($0) }.map { "\(Expected.all[$0].status) \(Expected.all[$0].text)" }
        // HEAD and calls to nowhere are no calls of ours; the rest of the table is.
        #expect(idle == ["404 "])
    }

    private func check(_ failure: Failure, against row: Expected, _ exchange: Recordings.Exchange, _ text: String) {
        #expect(failure.kind == row.kind, "\(exchange): \(failure)")
        #expect(failure.problem.hasPrefix("cannot ") && failure.problem.contains(" on 'vectors' (127.0.0.1:"), "\(exchange): \(failure)")
        let because =
            text.isEmpty ? "it answered with status \(exchange.status) and nothing else" : "status \(exchange.status): \(text)"
        #expect(failure.causes == [because], "\(exchange)")
        if let hint = row.hint {
            #expect(failure.hint?.hasPrefix(hint) == true, "\(exchange): \(failure)")
        } else {
            #expect(failure.hint == nil, "\(exchange): \(failure)")
        }
    }

    /// What other recordings say in passing: of races, of recovers that were killed, of snapshots from 1.15.
    @Test(arguments: [
        (
            "Service internal error: 1 of 1 read operations failed:\n  Service internal error: Local shard 0 not found",
            Failure.Kind.engine, true
        ),
        (
            "Service internal error: 1 of 1 read operations failed:\n  Service internal error: Failed to count,  Dirty shard - shard is not fully initialized",
            .engine, true
        ),
        (
            "Service internal error: IO Error: Failed to deserialize ./storage/collections/t/0/segments/2/payload_index/config.json: unknown variant `rocks_db`, expected `gridstore` or `mmap` at line 1 column 518",
            .unfit, false
        ),
        (
            "Service internal error: failed to create snapshot: Service internal error: No space left on device (os error 28)", .engine,
            false
        ),
    ])
    func whatElseRealServersSaid(_ words: String, _ kind: Failure.Kind, _ isBroken: Bool) {
        let body = Array(#"{"status":{"error":"\#(words.replacing("\n", with: "\\n"))"},"time":0.1}"#.utf8)
        let refusal = QdrantRefusal(status: 500, body: body, attempt: "count", server: "'v'")
        #expect(refusal.failure.kind == kind)
        #expect(refusal.failure.hint != "the server's log says more")
        #expect(refusal.meansBrokenCollection == isBroken)
    }
}
