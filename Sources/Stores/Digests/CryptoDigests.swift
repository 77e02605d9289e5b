import Bindings
import Recovery

/// SHA-256 by libcrypto, and random bytes by the kernel.
package struct CryptoDigests: Digesting {
    package init() {}

    package func sha256(_ bytes: [UInt8]) -> String { SHA256.hexDigest(of: bytes) }
    package func makeDigest() -> any RunningDigest { CryptoDigest() }
    package func randomBytes(_ count: Int) -> [UInt8] { Bindings.randomBytes(count) }
}

private struct CryptoDigest: RunningDigest {
    private let digest = SHA256()

    func update(_ bytes: [UInt8]) { digest.update(bytes) }
    func finish() -> String { digest.hexDigest() }
}
