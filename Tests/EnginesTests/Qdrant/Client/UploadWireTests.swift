import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// An upload is exactly the file, and needs no memory for it.
@Suite(.timeLimit(.minutes(5))) struct UploadWireTests {
    @Test func theBodyOfAnUploadIsExact() async throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try WireServer { _ in .json("true") }
        try await withSnapshotFile(bytes) { file in
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
        try await withSnapshotFile { file in
            let short = await failureOf {
                try await server.client().upload(file, bytes: 4, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
            }
            #expect(short?.kind == .localStorage)
        }
    }
}
