import CCrypto
import Synchronization

/// A SHA-256 digest being fed. Blocks only as long as hashing takes (about a second per gigabyte).
package final class SHA256: @unchecked Sendable {
    // Unchecked: the context is only touched in `turn`.
    private let context: OpaquePointer?
    private let turn = Mutex(())

    package init() {
        context = EVP_MD_CTX_new()
        let begun = EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(begun == 1, "libcrypto offers no SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ bytes: RawSpan) {
        turn.withLock { _ in
            bytes.withUnsafeBytes { buffer in _ = EVP_DigestUpdate(context, buffer.baseAddress, buffer.count) }
        }
    }

    package func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

    package func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span.bytes) }

    /// The 32 bytes of the digest of all that was fed; feeding may go on.
    package func digest() -> [UInt8] {
        turn.withLock { _ in
            let copy = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(copy) }
            var digest = [UInt8](repeating: 0, count: 32)
            let ended = EVP_MD_CTX_copy_ex(copy, context) == 1 && EVP_DigestFinal_ex(copy, &digest, nil) == 1
            precondition(ended, "libcrypto could not end a SHA-256 digest")
            return digest
        }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package func hexDigest() -> String { hexadecimal(digest()) }

    /// The digest of some bytes as 64 lower-case hexadecimal digits.
    package static func hexDigest(of bytes: [UInt8]) -> String {
        let digest = SHA256()
        digest.update(bytes)
        return digest.hexDigest()
    }
}

extension SHA256 {
    /// The digest of a few bytes as four numbers, most significant byte first, without making anything on the way.
    package static func words(of bytes: [UInt8]) -> SIMD4<UInt64> {
        var digest = SIMD4<UInt64>()
        let made = withUnsafeMutableBytes(of: &digest) { output in
            bytes.withUnsafeBytes { input in
                EVP_Digest(
                    input.baseAddress, input.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, EVP_sha256(), nil)
            }
        }
        precondition(made == 1, "libcrypto offers no SHA-256")
        return SIMD4(digest[0].bigEndian, digest[1].bigEndian, digest[2].bigEndian, digest[3].bigEndian)
    }
}
