import Documents
import FoundationEssentials
import TestSupport
import Testing

/// `lifeboat qdrant verify-snapshot`, from outside.
@Suite(.timeLimit(.minutes(2))) struct QdrantCommandTests {
    private func verify(_ arguments: String..., in folder: String) async throws -> Program.Ended {
        try await Program("lifeboat", in: folder).run(["qdrant", "verify-snapshot"] + arguments)
    }

    @Test func itSaysWhatAFileHolds() async throws {
        try await withTemporaryFolder { folder in
            var bytes = SnapshotBytes()
            bytes.vectors = #"{"size":4,"distance":"Cosine","on_disk":true}"#
            bytes.payloadIndexes = #"{"lang":"keyword","published":{"type":"datetime"}}"#
            bytes.shardNumber = 2
            try await write(bytes.bytes, to: "\(folder)/docs.snapshot")
            let ended = try await verify("docs.snapshot", in: folder)
            #expect(ended.code == 0, "\(ended.errors)")
            let lines = ended.output.split(separator: "\n").filter { !$0.contains("SHA-256") }
            #expect(
                lines.joined(separator: "\n") == """
                    SOUND  docs.snapshot: snapshot of a collection, 22.0 KiB
                      vector         (unnamed)  4  Cosine  float32  on disk
                      configuration  2 shards, sharding auto, replication 1, write consistency 1, payload in memory
                      payload index  lang       keyword
                      payload index  published  {"type":"datetime"}
                      shard 0        1 segment, at most 3 points, peer 77 Active
                      shard 1        1 segment, at most 3 points, peer 77 Active
                      points         at most 6
                      generation     no RocksDB: nothing in it keeps newer servers from reading it
                      checked        every byte read; 16 compared, 0 differ, 0 undetermined
                      NOT SEEN       a flipped bit inside of vectors and payload, which no server notices either: compare with --sha256 HEX, which the server gave as 'checksum'
                    """)
        }
    }

    @Test func checksumsAreComparedWhereTheyAre() async throws {
        try await withTemporaryFolder { folder in
            let bytes = SnapshotBytes().bytes
            try await write(bytes, to: "\(folder)/s")
            let sum = try await verify("s", "--json", in: folder)
            let hash = try #require(try JSONValue(parsing: sum.output)["files"]?.array?.first?["sha256"]?.string)
            let given = try await verify("s", "--sha256", hash.uppercased(), in: folder)
            #expect(given.code == 0)
            #expect(given.output.contains("it is the file whose checksum was given"))
            #expect(!given.output.contains("NOT SEEN"))
            let other = String(repeating: "0", count: 64)
            let wrong = try await verify("s", "--sha256", other, in: folder)
            #expect(wrong.code == 2)
            #expect(wrong.output.contains("DIFFERS        snapshot, SHA-256: expected \(other), found \(hash)"))
            // What lies beside it counts without being asked for.
            try await write(Array(hash.utf8), to: "\(folder)/s.checksum")
            #expect(try await verify("s", in: folder).output.contains("it is the file whose checksum was given"))
            try await write(Array("\(other)  s\n".utf8), to: "\(folder)/s.sha256")
            #expect(try await verify("s", in: folder).code == 2)
        }
    }

    @Test func aVersionIsAskedFor() async throws {
        try await withTemporaryFolder { folder in
            var bytes = SnapshotBytes()
            bytes.segments[0].indexes = #"{"indexed_fields":{"lang":"keyword"},"indexed_types":{"lang":[{"storage_type":"rocks_db"}]}}"#
            try await write(bytes.bytes, to: "\(folder)/s")
            #expect(try await verify("s", in: folder).code == 0)
            #expect(try await verify("s", "--for-version", "1.17.1", in: folder).code == 0)
            let new = try await verify("s", "--for-version", "1.18.3", in: folder)
            #expect(new.code == 2)
            #expect(
                new.output.contains("NOT READABLE: Qdrant 1.18 has no RocksDB, in which this snapshot keeps its payload index 'lang'"))
            #expect(new.output.contains("recover it on Qdrant 1.16 or 1.17"))
        }
    }

    @Test func eachFileIsToldAndTheWorstDecides() async throws {
        try await withTemporaryFolder { folder in
            try await write(SnapshotBytes().bytes, to: "\(folder)/good")
            try await write(Array("<html>".utf8), to: "\(folder)/page")
            let both = try await verify("good", "page", "gone", in: folder)
            #expect(both.code == 2)
            #expect(both.output.contains("SOUND  good: "))
            #expect(both.output.contains("NOT SOUND  page is a web page, no snapshot\n  hint           the request was answered"))
            #expect(both.errors.contains("there is no file gone"))
            let gone = try await verify("gone", "good", in: folder)
            #expect(gone.code == 66)
            let json = try await verify("good", "page", "gone", "--json", in: folder)
            let files = try JSONValue(parsing: json.output)["files"]?.array ?? []
            #expect(files.map { $0["sound"]?.bool } == [true, false, false])
            #expect(files.map { $0["failure"]?["kind"]?.string } == [nil, "unfit", "not-found"])
        }
    }

    @Test(arguments: [
        ([], "what to do is missing"), (["verify-snapsho", "f"], "qdrant has no verb 'verify-snapsho'"),
        (["verify-snapshot"], "the file of a snapshot is missing"),
        (["verify-snapshot", "f", "--sha256", "123"], "--sha256 '123' is no SHA-256"),
        (["verify-snapshot", "f", "--for-version", "new"], "--for-version 'new' is no version of Qdrant"),
        (
            ["verify-snapshot", "f", "g", "--sha256", String(repeating: "a", count: 64)],
            "--sha256 is that of one file, and there are 2"
        ),
    ]) func mistypedWordsAreToldAs64(_ words: [String], _ problem: String) async throws {
        let ended = try await Program("lifeboat").run(["qdrant"] + words)
        #expect(ended.code == 64)
        #expect(ended.errors.contains(problem), "\(ended.errors)")
    }

    @Test func hostileNamesDoNothingToATerminal() async throws {
        try await withTemporaryFolder { folder in
            let evil = #"\u001b]0;owned\u0007\u202egnp"#
            var bytes = SnapshotBytes()
            bytes.vectors = #"{"\#(evil)":{"size":4,"distance":"\#(evil)"}}"#
            bytes.payloadIndexes = #"{"\#(evil)":"\#(evil)"}"#
            bytes.replicas = #"{"\#(evil)":"\#(evil)"}"#
            bytes.params = #""sharding_method":"\#(evil)""#
            try await write(bytes.bytes, to: "\(folder)/s")
            var text = Array("\u{1B}]0;owned\u{07} error".utf8)
            text.removeAll { $0 == 7 }
            try await write(text, to: "\(folder)/t")
            var link = SnapshotBytes()
            link.more = { $0.link("0/\u{1B}[2J\nnext", to: "x") }
            try await write(link.bytes, to: "\(folder)/l")
            let ended = try await verify("s", "t", "l", in: folder)
            #expect(ended.code == 2)
            for scalar in (ended.output + ended.errors).unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control && scalar.value != 0x202E)
            }
            #expect(ended.output.contains(#"\u{1B}]0;owned"#))
        }
    }

    /// Two gibibytes in one segment that the disk does not have.
    @Test func memoryStaysFlat() async throws {
        try await withTemporaryFolder { folder in
            let script = """
                import io, sys, tarfile
                size = 2 << 30
                def head(name, size):
                    info = tarfile.TarInfo(name); info.size = size
                    return info.tobuf(tarfile.GNU_FORMAT)
                small = [("0/wal/open-1", b"x"), ("0/replica_state.json", b"{}"),
                         ("config.json", b'{"params":{"vectors":{"size":4,"distance":"Cosine"}}}')]
                segment = [("snapshot/files/segment.json", b'{"config":{"vector_data":{"":{"size":4,"distance":"Cosine"}}}}'),
                           ("snapshot/files/version.info", b"0.6.0")]
                def entries(list):
                    return b"".join(head(n, len(d)) + d + bytes(-len(d) % 512) for n, d in list)
                tail = entries(segment)
                with open(sys.argv[1], "wb") as out:
                    out.write(head("0/segments/a.tar", 512 + size + len(tail)))
                    out.write(head("snapshot/files/vector_storage/vectors/chunk_0.mmap", size))
                    out.seek(size, 1)
                    out.write(tail + entries(small) + bytes(1024))
                """
            let made = try await Python.run(script, ["\(folder)/s"], needing: "tarfile")
            try #require(made.succeeded, "\(made.errors)")
            let ended = try await Program("lifeboat").peakMemory(of: ["qdrant", "verify-snapshot", "\(folder)/s"])
            #expect(ended.code == 0, "\(ended.words)")
            #expect(ended.bytes > 1 << 20 && ended.bytes < 64 << 20, "\(ended.bytes >> 20) MiB")
        }
    }
}
