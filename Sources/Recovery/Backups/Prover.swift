/// Proves a backup: every part that the manifest names is there, nothing else is, and every byte has the hash it had.
///
/// What one process has proven it remembers; the runner lets nothing be destroyed before the backup that refills it
/// is proven by that very process.
package actor Prover {
    private let digests: any Digesting
    private let time: any TimeSource
    private var proven: [String: String] = [:]
    private let whenProven: @Sendable (Proven) async throws -> Void

    /// - Parameter whenProven: called once per proof, before it counts.
    package init(digests: any Digesting, time: any TimeSource, whenProven: @escaping @Sendable (Proven) async throws -> Void) {
        self.digests = digests
        self.time = time
        self.whenProven = whenProven
    }

    package func hasProven(_ backup: BackupInHand) -> Bool {
        proven["\(backup.store.name)/\(backup.manifest.id)"] == backup.manifestSHA256
    }

    /// Reads every byte of the backup. One that lacks objects which each stand for themselves is proven as far as it goes: that an object
    /// is in it is asked for apart (`mustHold`). Throws `Failure(.damaged)` that names the file; returns what was compared.
    @discardableResult
    package func prove(_ backup: BackupInHand, say: @Sendable (String) -> Void = { _ in }) async throws -> [CheckResult] {
        let start = time.uptime
        let manifest = backup.manifest
        if let incompleteness = manifest.incompleteness {
            guard manifest.isWholeInParts else {
                throw Failure(
                    .damaged, incompleteness,
                    hint: "choose another backup with --backup \(backup.role)=ID; `lifeboat backups list` shows them")
            }
            say("\(incompleteness); only what it holds is proven")
        }
        var checks = [try await isVouchedFor(backup), try await isExactlyWhatTheManifestNames(backup)]
        for artifact in manifest.artifacts {
            say("reading \(artifact.key)")
            checks.append(try await check(artifact, of: backup))
        }
        let seconds = (time.uptime - start).inSeconds
        try await whenProven(
            Proven(
                role: backup.role, backup: manifest.id, manifestSHA256: backup.manifestSHA256, bytes: manifest.storedBytes, seconds: seconds
            ))
        proven["\(backup.store.name)/\(manifest.id)"] = backup.manifestSHA256
        return checks
    }

    /// What the inventory says is believed only when it is the one that was written: before a run begins it decides what may be destroyed.
    package func proveInventory(of backup: BackupInHand) async throws {
        try await isVouchedFor(backup)
        guard
            let artifact = backup.manifest.artifacts.first(where: { $0.key == backup.manifest.inventory })
        else {
            throw Failure(
                .damaged,
                "backup \(backup.manifest.id) has no inventory: its manifest does not name '\(backup.manifest.inventory)' as a part",
                hint: Self.anotherBackup)
        }
        _ = try await check(artifact, of: backup)
    }

    /// The set's last file names the manifest.
    @discardableResult
    private func isVouchedFor(_ backup: BackupInHand) async throws -> CheckResult {
        let id = backup.manifest.id
        let key = "\(id.setPath)/\(SetFile.name)"
        guard try await backup.store.size(of: key) != nil else {
            throw Failure(
                .damaged, "\(key) is missing from store '\(backup.store.name)': the set was never finished, or the file was lost",
                hint: Self.anotherBackup)
        }
        let end = try SetFile.read(
            try await backup.store.bytes(of: key), of: id.policy, id.set, digests)
        try end.vouch(for: id, manifestSHA256: backup.manifestSHA256)
        return CheckResult(
            "set \(id.setPath)", "manifest of '\(id.target)'", expected: backup.manifestSHA256,
            actual: backup.manifestSHA256)
    }

    private func isExactlyWhatTheManifestNames(_ backup: BackupInHand) async throws -> CheckResult {
        let root = "\(backup.manifest.id)"
        let present = Set(try await keys(below: root, in: backup.store))
        let named = Set(backup.manifest.artifacts.filter { $0.owner == nil || $0.owner == backup.manifest.id }.map { "\(root)/\($0.key)" })
        let known = named.union(["\(root)/\(ManifestFile.name)", "\(root)/\(ManifestFile.instructions)"])
        if let missing = named.subtracting(present).min() {
            throw Failure(
                .damaged, "part \(missing) of backup \(root) is missing from store '\(backup.store.name)'", hint: Self.anotherBackup)
        }
        if let foreign = present.subtracting(known).min() {
            throw Failure(
                .damaged, "\(foreign) lies in backup \(root) and its manifest does not name it",
                hint: "something has written into the backup; \(Self.anotherBackup)")
        }
        return CheckResult(
            "backup \(root)", "parts", expected: named.count, actual: named.intersection(present).count, compared: named.count)
    }

    private func keys(below prefix: String, in store: any ReadableStore) async throws -> [String] {
        var found: [String] = []
        for entry in try await store.list(prefix) {
            let key = "\(prefix)/\(entry.name)"
            switch entry.kind {
            case .folder: found += try await keys(below: key, in: store)
            case .object: found.append(key)
            case .foreign: break
            }
        }
        return found
    }

    private func check(_ artifact: Artifact, of backup: BackupInHand) async throws -> CheckResult {
        let key = artifact.storeKey(in: backup.manifest.id)
        let digest = digests.makeDigest()
        var bytes: Int64 = 0
        let reader: any StoreReader
        do { reader = try await backup.store.open(key, from: 0) } catch let failure as Failure where failure.kind == .notFound {
            throw Failure(.damaged, "part \(key) is missing from store '\(backup.store.name)'", hint: Self.anotherBackup, cause: failure)
        }
        do {
            while let piece = try await reader.next() {
                try Task.checkCancellation()
                bytes += Int64(piece.count)
                digest.update(piece)
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        guard bytes == artifact.stored.bytes else {
            throw Failure(.damaged, "part \(key) is damaged: \(bytes) bytes, expected \(artifact.stored.bytes)", hint: Self.anotherBackup)
        }
        let sha256 = digest.finish()
        guard sha256 == artifact.stored.sha256 else {
            throw Failure(
                .damaged, "part \(key) is damaged: its SHA-256 is \(sha256), the manifest says \(artifact.stored.sha256)",
                hint: Self.anotherBackup)
        }
        return CheckResult("part \(artifact.key)", "SHA-256", expected: artifact.stored.sha256, actual: sha256)
    }

    private static let anotherBackup = "choose another backup; `lifeboat backups list` shows them, `lifeboat backups verify` proves them"
}
