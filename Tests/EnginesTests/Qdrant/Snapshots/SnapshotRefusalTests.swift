import Bindings
import Documents
import Engines
import Recovery
import TestSupport
import Testing

/// What is no snapshot, or not a whole one, is refused in plain words and with what to do next.
@Suite(.timeLimit(.minutes(2))) struct SnapshotRefusalTests {
    private func refusal(of bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) async throws -> (
        String, Failure.Kind, String
    ) {
        try await withTemporaryFolder { folder in
            try await write(bytes, to: "\(folder)/s.snapshot")
            let failure = await #expect(throws: Failure.self, sourceLocation: sourceLocation) {
                try await QdrantSnapshot.read("\(folder)/s.snapshot")
            }
            let problem = failure?.problem.replacing("\(folder)/", with: "") ?? ""
            return (problem, failure?.kind ?? .bug, failure?.advice ?? "")
        }
    }

    private func findings(_ bytes: SnapshotBytes) async throws -> [String] {
        try await snapshot(of: bytes.bytes).checks.filter(\.isFinding).map {
            "\($0.subject), \($0.aspect): expected \($0.expected), found \($0.actual)"
        }
    }

    @Test func aSmallOneIsSound() async throws {
        let snapshot = try await snapshot(of: SnapshotBytes().bytes)
        #expect(snapshot.kind == .collection)
        #expect(snapshot.checks.filter(\.isFinding) == [])
        #expect(snapshot.collections[0].pointsAtMost == 3)
        #expect(snapshot.collections[0].configuration?.uuid == nil)
    }

    @Test(arguments: [
        ("", "s.snapshot is empty", "make a new snapshot"),
        (
            "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>",
            "s.snapshot is a web page, no snapshot: '502 Bad Gateway'", "curl --fail"
        ),
        (
            #"{"status":{"error":"Not found: Snapshot x not found"},"time":0.1}"#,
            "s.snapshot is an error of a Qdrant server, no snapshot: 'Not found: Snapshot x not found'", "curl --fail"
        ),
        (
            #"{"result":{"name":"docs-1.snapshot","size":5},"status":"ok","time":0.1}"#,
            "s.snapshot is the server's answer that it made the snapshot 'docs-1.snapshot', not that snapshot",
            "GET /collections/NAME/snapshots/docs-1.snapshot"
        ),
        (#"{"a":1}"#, #"s.snapshot is JSON, no snapshot: '{"a":1}'"#, "curl --fail"),
        (
            "Must provide an API key or an Authorization bearer token",
            "s.snapshot is text, no snapshot: 'Must provide an API key or an Authorization bearer token'", "curl --fail"
        ),
        ("\u{1F}\u{8B}\u{8}", "s.snapshot is cut off: it has 4 bytes", "copy it again"),
        ("PK\u{3}\u{4}junk", "s.snapshot is packed with zip: a snapshot is a plain tar archive", "unzip"),
    ]) func theAnswerOfAServerIsNamed(_ text: String, _ problem: String, _ hint: String) async throws {
        let (words, kind, advice) = try await refusal(of: Array(text.utf8))
        #expect(words.hasSuffix(problem), "\(words)")
        #expect(kind == .unfit || kind == .damaged)
        #expect(advice.contains(hint), "\(advice)")
    }

    @Test func packedOnesAreToldHowToUnpack() async throws {
        for (magic, tool) in [([0x1F, 0x8B, 8, 0], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd")] as [([UInt8], String)] {
            let (words, kind, advice) = try await refusal(of: magic + [UInt8](repeating: 200, count: 2000))
            #expect(words == "s.snapshot is packed with \(tool): a snapshot is a plain tar archive")
            #expect(kind == .unfit)
            #expect(advice == "unpack it first: \(tool) -d FILE.\(tool == "gzip" ? "gz" : "zst")")
        }
    }

    @Test func randomBytesAndZerosAreNone() async throws {
        var random = SeededGenerator(seed: 7)
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(try await refusal(of: noise).0 == "s.snapshot is no snapshot of Qdrant: it is not a tar archive")
        for count in [700, 100_000, 3 << 20] {
            #expect(try await refusal(of: [UInt8](repeating: 0, count: count)).0 == "snapshot s.snapshot begins with nothing but zeros")
        }
        #expect(try await refusal(of: [UInt8](repeating: 0, count: 10240)).0 == "s.snapshot is an archive that holds nothing")
    }

    @Test func archivesOfOtherThingsAreNamed() async throws {
        var photos = TarBytes()
        photos.file("holiday/1.jpg", "x")
        #expect(
            try await refusal(of: photos.bytes).0
                == "s.snapshot is an archive of something else, no snapshot of Qdrant: it holds 'holiday/1.jpg'")
        var storage = TarBytes()
        storage.file("raft_state.json", "{}")
        storage.file("collections/docs/config.json", "{}")
        let (words, _, hint) = try await refusal(of: storage.bytes)
        #expect(words.hasPrefix("s.snapshot is an archive of a storage folder, no snapshot"))
        #expect(hint.contains("a server that is stopped"))
    }

    @Test func hostileEntriesAreRefused() async throws {
        for (make, words) in [
            ({ $0.link("0/segments/x", to: "/etc/passwd") }, "its entry '0/segments/x' is a link, which no snapshot has"),
            ({ $0.link("0/x", to: "version.info", hard: true) }, "its entry '0/x' is a link, which no snapshot has"),
            ({ $0.device("0/null") }, "its entry '0/null' is a device or a pipe, which no snapshot has"),
            ({ $0.file("../../root/.ssh/authorized_keys", "x") }, "leads out of the folder it is unpacked in"),
            ({ $0.file("0/../../x", "x") }, "its entry '0/../../x' leads out of the folder it is unpacked in"),
            ({ $0.file("/etc/cron.d/x", "x") }, "its entry '/etc/cron.d/x' has an absolute name"),
            ({ $0.file("./0/replica_state.json", "{}") }, "its entry './0/replica_state.json' is there twice"),
        ] as [((inout TarBytes) -> Void, String)] {
            var bytes = SnapshotBytes()
            bytes.more = make
            let (problem, kind, _) = try await refusal(of: bytes.bytes)
            #expect(problem.hasSuffix(words), "\(problem)")
            #expect(kind == .damaged)
            // And so inside of a segment.
            var inner = SnapshotBytes()
            inner.segments[0].more = { tar in
                make(&tar)
                make(&tar)
            }
            #expect(try await refusal(of: inner.bytes).1 == .damaged)
        }
    }

    @Test func aSegmentThatIsCutOffIsRefused() async throws {
        let whole = SnapshotBytes.Segment().tar.entries
        for length in stride(from: 0, to: whole.count, by: 100) {
            var bytes = SnapshotBytes()
            bytes.segments = []
            bytes.more = { $0.file("0/segments/cut.tar", Array(whole.prefix(length))) }
            do {
                #expect(try await !findings(bytes).isEmpty, "cut to \(length) of \(whole.count)")
            } catch let failure as Failure {
                #expect(failure.kind == .damaged)
            }
        }
    }

    @Test func aSnapshotOfOneNodeNamesWhatItLacks() async throws {
        var bytes = SnapshotBytes()
        bytes.shardNumber = 3
        bytes.shards = [1]
        bytes.more = {
            $0.file("0/replica_state.json", #"{"is_local":false,"this_peer_id":77,"peers":{"88":"Active"}}"#)
            $0.file("0/shard_config.json", #"{"type":"ReplicaSet"}"#)
        }
        #expect(
            try await findings(bytes) == [
                "collection, shards: expected 0, 1, 2, found 1; without 0, 2, written by peer 77 alone, the rest is with peer 88"
            ])
        let snapshot = try await snapshot(of: bytes.bytes)
        #expect(snapshot.isPartial)
        #expect(snapshot.collections[0].missingShards == [0, 2])
        #expect(snapshot.collections[0].peers == [77])
        #expect(snapshot.collections[0].isPartOfCluster)
    }

    @Test func whatIsMissingIsFound() async throws {
        var noLog = SnapshotBytes()
        noLog.hasLog = false
        #expect(
            try await findings(noLog) == [
                "shard 0, write-ahead log: expected present, found missing"
            ])
        var noSegment = SnapshotBytes()
        noSegment.segments = []
        #expect(try await findings(noSegment) == ["shard 0, segments: expected at least 1, found none"])
        var unfinished = SnapshotBytes()
        unfinished.segments[0].isFinished = false
        #expect(try await findings(unfinished) == ["shard 0 segment 00000000-0, version.info: expected present, found missing"])
        var dead = SnapshotBytes()
        dead.replicas = #"{"77":"Dead","88":"Active"}"#
        #expect(try await findings(dead) == ["shard 0, state of the replica: expected Active, found Dead"])
    }

    @Test func dataThatDoesNotFitItsConfigurationIsFound() async throws {
        var bytes = SnapshotBytes()
        bytes.vectors = #"{"size":8,"distance":"Dot"}"#
        #expect(
            try await findings(bytes) == [
                "shard 0 segment 00000000-0, vectors: expected 8 Dot float32, found 4 Cosine float32"
            ])
        bytes.vectors = #"{"text":{"size":4,"distance":"Cosine"}}"#
        #expect(
            try await findings(bytes) == [
                "shard 0 segment 00000000-0, vectors 'text': expected 4 Cosine float32, found none",
                "shard 0 segment 00000000-0, vectors '': expected none, found 4 Cosine float32",
            ])
    }

    @Test func garbledAndGiantDocumentsAreRefused() async throws {
        var giant = SnapshotBytes()
        giant.config = "\"" + String(repeating: "x", count: 5 << 20) + "\""
        #expect(
            try await refusal(of: giant.bytes).0
                == "snapshot s.snapshot is damaged: 'config.json' has 5242882 bytes, and no more than 4194304 are read of such a file"
        )
        for (config, words) in [
            (#"{"params":{"vectors":{"size":0,"distance":"Dot"}}}"#, "the vector '' has no size above zero"),
            (#"{"params":{"vectors":{"a":{"size":4}}}}"#, "the vector 'a' has no distance"),
            (#"{"params":{"vectors":7}}"#, "its 'vectors' are no object"),
            (#"{"params":{"vectors":{},"shard_number":-1}}"#, "its 'shard_number' is no number above zero"),
            (#"{"params":{"vectors":{},"shard_number":2000000}}"#, "its 'shard_number' is 2000000"),
            (#"{"params":"#, "the text ends too early"), (#"{"other":1}"#, "its config.json is that of no snapshot"),
        ] {
            var bytes = SnapshotBytes()
            bytes.config = config
            let (problem, kind, _) = try await refusal(of: bytes.bytes)
            #expect(problem.contains(words), "\(problem)")
            #expect(kind == .damaged)
        }
        var none = TarBytes()
        none.file("0/wal/open-1", "x")
        #expect(try await refusal(of: none.bytes).0 == "snapshot s.snapshot is damaged: it has no config.json, which a server writes last")
    }

    @Test func missingFilesAndFoldersAreToldApart() async throws {
        try await withTemporaryFolder { folder in
            let gone = await #expect(throws: Failure.self) { try await QdrantSnapshot.read("\(folder)/gone") }
            #expect(gone?.kind == .notFound)
            #expect(gone?.problem == "there is no file \(folder)/gone")
            let isFolder = await #expect(throws: Failure.self) { try await QdrantSnapshot.read(folder) }
            #expect(isFolder?.kind == .unfit)
        }
    }

    @Test func cancellingEndsTheReading() async throws {
        try await withTemporaryFolder { folder in
            try await write(SnapshotBytes().bytes, to: "\(folder)/s")
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await QdrantSnapshot.read("\(folder)/s")
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
