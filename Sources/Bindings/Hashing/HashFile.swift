/// Size and SHA-256 (lower-case hexadecimal) of a file, read once in constant memory on a thread of its own.
///
/// Throws `FileError`, or `CancellationError` soon after the task is cancelled.
package func hashFile(_ path: String) async throws -> (bytes: Int64, sha256: String) {
    try await blocking { flag in
        let digest = SHA256()
        var bytes: Int64 = 0
        try FileReader(path).forEachPiece { piece in
            try flag.check()
            digest.update(piece)
            bytes += Int64(piece.byteCount)
        }
        return (bytes, digest.hexDigest())
    }
}
