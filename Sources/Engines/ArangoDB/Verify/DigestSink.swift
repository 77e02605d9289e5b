import Bindings
import Recovery
import Synchronization

/// Adds up the documents of every collection as they are read, away from the threads that wait for the server.
final class DigestSink: Sendable {
    private let digests = Mutex<[String: ContentDigest]>([:])

    func take(_ collection: String, _ lines: [UInt8]) async throws {
        let digest = try await blocking { _ in
            var digest = ContentDigest()
            do { try digest.add(lines: lines) } catch {
                throw Failure(.engine, "the server gave a document of collection '\(collection)' that is none: \(error)")
            }
            return digest
        }
        digests.withLock { $0[collection, default: ContentDigest()].combine(digest) }
    }

    subscript(collection: String) -> ContentDigest { digests.withLock { $0[collection] ?? ContentDigest() } }
}
