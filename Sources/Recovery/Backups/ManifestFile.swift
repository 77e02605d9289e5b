/// `manifest.json` as bytes: written with its own checksum, read with every doubt.
package enum ManifestFile {
    package static let name = "manifest.json"
    package static let instructions = "RESTORE.txt"

    /// The bytes to publish and their hash.
    package static func bytes(of manifest: Manifest, _ digests: any Digesting) throws -> (bytes: [UInt8], sha256: String) {
        var sealed = manifest
        sealed.checksum = nil
        sealed.checksum = digests.sha256(try CanonicalJSON.encode(sealed))
        let bytes = try CanonicalJSON.encode(sealed, pretty: true) + [UInt8(ascii: "\n")]
        return (bytes, digests.sha256(bytes))
    }

    /// Throws `Failure(.damaged)` when a byte of it differs from what was written, `Failure(.unfit)` when it is newer than we are.
    package static func read(_ bytes: [UInt8], key: String, _ digests: any Digesting) throws -> (manifest: Manifest, sha256: String) {
        struct Format: Decodable { let format: Int }
        guard let format = try? CanonicalJSON.decode(Format.self, from: bytes) else {
            throw Failure(.damaged, "\(key) is not a manifest: it cannot be read as JSON", hint: hint)
        }
        guard format.format == Manifest.currentFormat else {
            throw Failure(
                .unfit, "\(key) has format \(format.format); this lifeboat reads format \(Manifest.currentFormat)",
                hint: "use the lifeboat that made the backup, or a newer one")
        }
        let manifest: Manifest
        do { manifest = try CanonicalJSON.decode(Manifest.self, from: bytes) } catch {
            throw Failure(.damaged, "\(key) is not a whole manifest: \(error)", hint: hint)
        }
        var open = manifest
        open.checksum = nil
        let expected = digests.sha256(try CanonicalJSON.encode(open))
        guard manifest.checksum == expected else {
            throw Failure(.damaged, "\(key) was changed after it was written: its own checksum does not hold", hint: hint)
        }
        for artifact in manifest.artifacts where !isClean(artifact.key) {
            throw Failure(.damaged, "\(key) names a part '\(artifact.key)' that lies outside the backup", hint: hint)
        }
        return (manifest, digests.sha256(bytes))
    }

    private static let hint = "choose another backup; `lifeboat backups list` shows them"

    private static func isClean(_ key: String) -> Bool {
        !key.isEmpty && key.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
