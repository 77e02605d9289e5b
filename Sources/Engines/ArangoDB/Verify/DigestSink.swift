import Bindings
import Recovery
import Synchronization

/// Adds up the documents of every collection as they are read, away from the threads that wait for the server; of collections whose documents
/// expire also those by themselves that have to be there for some time yet.
final class DigestSink: Sendable {
    private struct Sums {
        var all = ContentDigest()
        var lasting = ContentDigest()
    }

    private let expiries: [String: Expiry]
    private let moment: Timestamp
    private let sums = Mutex<[String: Sums]>([:])

    /// - Parameter moment: what expires later is counted as lasting.
    init(_ expiries: [String: Expiry] = [:], lasting moment: Timestamp) { (self.expiries, self.moment) = (expiries, moment) }

    func take(_ collection: String, _ lines: [UInt8]) async throws {
        let expiry = expiries[collection]
        let sum = try await blocking { [moment] _ in
            var sum = Sums()
            do {
                try sum.all.add(lines: lines)
                if let expiry { try sum.lasting.add(lines: lines) { expiry.outlives($0, moment) } }
            } catch {
                throw Failure(.engine, "a document of collection '\(collection)' is none: \(error)")
            }
            return sum
        }
        sums.withLock { sums in
            sums[collection, default: Sums()].all.combine(sum.all)
            sums[collection, default: Sums()].lasting.combine(sum.lasting)
        }
    }

    subscript(collection: String) -> ContentDigest { sums.withLock { $0[collection]?.all ?? ContentDigest() } }
    func lasting(_ collection: String) -> ContentDigest { sums.withLock { $0[collection]?.lasting ?? ContentDigest() } }
}
