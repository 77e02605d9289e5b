/// `set.json` as bytes: written with its own checksum, read with every doubt.
package enum SetFile {
    package static let name = "set.json"

    /// The bytes to publish. The last one counts like all others, so there is no line end.
    package static func bytes(of end: SetEnd, _ digests: any Digesting) throws -> [UInt8] {
        var sealed = end
        sealed.checksum = try checksum(of: end, digests)
        return try CanonicalJSON.encode(sealed, pretty: true)
    }

    /// Throws `Failure(.damaged)` when it is not what was written at the end of this set, `Failure(.unfit)` when it is newer than we are.
    package static func read(
        _ bytes: [UInt8], of policy: String, _ set: String, _ digests: any Digesting
    ) throws -> SetEnd {
        let key = "\(policy)/\(set)/\(name)"
        struct Format: Decodable { let format: Int }
        guard let format = try? CanonicalJSON.decode(Format.self, from: bytes) else {
            throw Failure(.damaged, "\(key) cannot be read as JSON", hint: hint)
        }
        guard format.format == SetEnd.currentFormat else {
            throw Failure(
                .unfit,
                "\(key) has format \(format.format); this lifeboat reads format \(SetEnd.currentFormat)",
                hint: "use the lifeboat that made the backup, or a newer one")
        }
        let end: SetEnd
        do { end = try CanonicalJSON.decode(SetEnd.self, from: bytes) } catch {
            throw Failure(.damaged, "\(key) is not whole: \(error)", hint: hint)
        }
        guard end.checksum == (try checksum(of: end, digests)) else {
            throw Failure(
                .damaged, "\(key) was changed after it was written: its own checksum does not hold",
                hint: hint)
        }
        guard end.policy == policy, end.set == set else {
            throw Failure(.damaged, "\(key) says that it is of set \(end.policy)/\(end.set)", hint: hint)
        }
        return end
    }

    private static func checksum(of end: SetEnd, _ digests: any Digesting) throws -> String {
        var open = end
        open.checksum = nil
        return digests.sha256(try CanonicalJSON.encode(open))
    }

    private static let hint = "choose another backup; `lifeboat backups list` shows them"
}

extension SetEnd {
    /// Throws `Failure(.damaged)` unless this manifest is the one that was there when the set was finished.
    package func vouch(for backup: BackupID, manifestSHA256: String) throws {
        guard let member = members.first(where: { $0.target == backup.target }) else {
            throw Failure(
                .damaged, "\(backup.setPath)/\(SetFile.name) does not name backup \(backup)",
                hint: "something was moved into the set; choose another backup")
        }
        guard member.manifestSHA256 == manifestSHA256 else {
            throw Failure(
                .damaged, "\(backup)/\(ManifestFile.name) is not the manifest that \(SetFile.name) names",
                hint: "it was replaced after the set was finished; choose another backup")
        }
    }
}
