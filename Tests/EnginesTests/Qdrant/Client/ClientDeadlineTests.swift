import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What is long has no deadline, and ends when nobody waits for it any more.
@Suite(.timeLimit(.minutes(5))) struct ClientDeadlineTests {
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
        let act = try #require(WireActs.orders.first { $0.0 == name }).1
        try await withSnapshotFile { file in
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
