import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite struct LocalPartTests {
    private func part(_ bytes: Int64) -> Artifact {
        let object = StoredObject(bytes: bytes, sha256: String(repeating: "0", count: 64))
        return Artifact(key: "dump/rows", content: object, stored: object)
    }

    /// Told before anything is fetched, not when the disk is full.
    @Test func copiesThatFindNoRoomAreRefused() async throws {
        try await withTemporaryFolder { folder in
            try await LocalPart.checkRoom(for: [part(10), part(20)], in: folder)
            let failure = await failureOf { try await LocalPart.checkRoom(for: [part(10), part(1 << 60)], in: folder) }
            #expect(failure?.kind == .localStorage && failure?.problem.contains("the disk of \(folder) has") == true)
        }
    }
}
