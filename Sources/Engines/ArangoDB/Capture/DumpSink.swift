import Bindings
import Recovery
import Synchronization

/// Writes the documents of one collection into its file, and tells what they come to. Lines may come from several tasks at a time: each
/// answer is packed by itself, as one member of the file, which every reader of gzip takes for one.
final class DumpSink: Sendable {
    let path: String
    private let collection: String
    private let level: Int
    private let state = Mutex((digest: ContentDigest(), isEmpty: true))

    /// - Parameter level: of gzip.
    init(creating path: String, of collection: String, level: Int) async throws {
        (self.path, self.collection, self.level) = (path, collection, level)
        do { try await blocking { _ throws(FileError) in try Files.create(path, []) } } catch { throw Self.failure(collection, error) }
    }

    /// Whole lines.
    func take(_ lines: [UInt8]) async throws {
        try await blocking { [self] _ in
            var digest = ContentDigest()
            do { try digest.add(lines: lines) } catch {
                throw Failure(
                    .engine, "the server gave a document of collection '\(collection)' that is none: \(error)",
                    hint: "is there a proxy between that changes or cuts answers off?")
            }
            try append(try packed(lines), digest, hasLines: true)
        }
    }

    /// What it came to. The file is whole and on disk when this returns.
    func finish() async throws -> ContentDigest {
        try await blocking { [self] _ in
            if state.withLock({ $0.isEmpty }) { try append(try packed([]), ContentDigest(), hasLines: false) }
            do { try AppendFile.open(path).sync() } catch { throw Self.failure(collection, error) }
            return state.withLock { $0.digest }
        }
    }

    private func packed(_ lines: [UInt8]) throws -> [UInt8] {
        let output = Mutex<[UInt8]>([])
        do {
            let packer = try CompressedWriter(named: path, .gzip, level: level) { piece in output.withLock { $0 += piece } }
            if !lines.isEmpty { try packer.write(lines) }
            try packer.finish()
        } catch { throw Self.failure(collection, error) }
        return output.withLock { $0 }
    }

    private func append(_ packed: [UInt8], _ digest: ContentDigest, hasLines: Bool) throws {
        try state.withLock { state in
            // Open no longer than that: databases have more collections than processes may have files.
            do { try AppendFile.open(path).append(packed) } catch { throw Self.failure(collection, error) }
            state.digest.combine(digest)
            if hasLines { state.isEmpty = false }
        }
    }

    private static func failure(_ collection: String, _ error: any Error) -> Failure {
        Failure(
            .localStorage, "cannot write the documents of collection '\(collection)'", hint: "check the disk of the store",
            cause: "\(error)" as PlainReason)
    }
}
