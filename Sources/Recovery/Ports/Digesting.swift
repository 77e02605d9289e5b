/// SHA-256, handed in from below: the domain has no cryptography of its own.
package protocol Digesting: Sendable {
    /// Lower-case hexadecimal.
    func sha256(_ bytes: [UInt8]) -> String
    /// For data that streams.
    func makeDigest() -> any RunningDigest
    /// Bytes nobody can guess, for names and passwords.
    func randomBytes(_ count: Int) -> [UInt8]
}

/// A digest being fed. Not shared between tasks.
package protocol RunningDigest: Sendable {
    func update(_ bytes: [UInt8])
    /// Lower-case hexadecimal; the digest must not be used afterwards.
    func finish() -> String
}

extension Digesting {
    /// `count` random characters that are safe in file names and labels.
    package func randomName(_ count: Int) -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return String(randomBytes(count).map { alphabet[Int($0) % alphabet.count] })
    }
}
