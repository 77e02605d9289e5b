import Bindings
import Recovery

/// One file of a dump, where it can be read on this machine.
struct DumpPart: Sendable {
    let artifact: Artifact
    /// Its name in the dump's folder.
    let name: String
    let backup: BackupInHand
    /// Fetched files lie here while they are looked at.
    let scratch: String

    /// Without the suffix of its compression, as the table of contents names it.
    var plainName: String {
        for suffix in [".gz", ".zst", ".lz4"] where name.hasSuffix(suffix) { return String(name.dropLast(suffix.count)) }
        return name
    }

    private var compression: Compression {
        if name.hasSuffix(".gz") { return .gzip }
        if name.hasSuffix(".zst") { return .zstd }
        return name.hasSuffix(".lz4") ? .lz4 : .none
    }

    /// A plain file is read as it is: a large object may well be a gzip file itself.
    private static func reader(_ path: String, _ compression: Compression) throws -> () throws -> [UInt8]? {
        if compression == .none {
            let file = try FileReader(path)
            return { try file.next() }
        }
        let packed = try CompressedReader(path, expecting: compression)
        return { try packed.next() }
    }

    /// Hands the unpacked bytes over in pieces, on a thread that may block. Throws `Failure(.damaged)` that names the file when one is cut
    /// off or its checksum does not hold.
    func read<Result: Sendable>(_ initial: Result, _ take: @escaping @Sendable (inout Result, [UInt8]) throws -> Void) async throws
        -> Result
    {
        try await withLocalFile { path in
            try await blocking { flag in
                do {
                    let next = try Self.reader(path, compression)
                    var result = initial
                    while let piece = try next() {
                        guard !flag.isRaised else { throw CancellationError() }
                        try take(&result, piece)
                    }
                    return result
                } catch let error as CompressionError {
                    throw Failure(
                        .damaged, "part \(artifact.key) of backup \(backup.manifest.id) is damaged: it cannot be unpacked",
                        hint: "choose another backup; `lifeboat backups list` shows them", cause: error)
                } catch let error as FileError where error.reason == .missing {
                    throw missing(error)
                } catch let error as FileError {
                    throw Failure(.localStorage, "cannot read part \(artifact.key) of backup \(backup.manifest.id)", cause: error)
                }
            }
        }
    }

    /// A small file whole.
    func bytes(limit: Int) async throws -> [UInt8] {
        try await read([UInt8]()) { bytes, piece in
            guard bytes.count + piece.count <= limit else {
                throw Failure(
                    .damaged, "part \(artifact.key) of backup \(backup.manifest.id) is larger than \(limit) bytes, which no such file is")
            }
            bytes += piece
        }
    }

    private func missing(_ cause: any Error & Sendable) -> Failure {
        Failure(
            .damaged, "part \(artifact.key) of backup \(backup.manifest.id) is missing from store '\(backup.store.name)'",
            hint: "choose another backup; `lifeboat backups list` shows them", cause: cause)
    }

    private func withLocalFile<Result: Sendable>(_ use: (String) async throws -> Result) async throws -> Result {
        let key = artifact.storeKey(in: backup.manifest.id)
        if let path = backup.store.localPath(of: key) { return try await use(path) }
        let path = "\(scratch)/part-\(randomHex(8))"
        let outcome: Swift.Result<Result, any Error>
        do {
            try await fetch(key, to: path)
            outcome = .success(try await use(path))
        } catch {
            outcome = .failure(error)
        }
        _ = await uncancelled { await blocking { _ in try? Files.removeFile(path) } }
        return try outcome.get()
    }

    private func fetch(_ key: String, to path: String) async throws {
        do {
            let writer = try await blocking { _ throws(FileError) in try FileWriter(creating: path) }
            let reader: any StoreReader
            do { reader = try await backup.store.open(key, from: 0) } catch let failure as Failure where failure.kind == .notFound {
                throw missing(failure)
            }
            do {
                while let piece = try await reader.next() { try await blocking { _ throws(FileError) in try writer.write(piece) } }
                try await blocking { _ throws(FileError) in try writer.finish() }
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot fetch part \(artifact.key) of backup \(backup.manifest.id)",
                hint: "\(scratch) needs room for \(artifact.stored.bytes) bytes", cause: error)
        }
    }
}
