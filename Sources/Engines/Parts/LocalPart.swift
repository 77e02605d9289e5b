import Bindings
import Documents
import Recovery

/// An artifact as a file on this machine: in place where the store has a path for it, else a copy in a scratch folder, every byte checked on
/// its way.
struct LocalPart: Sendable {
    let path: String
    let part: Artifact
    /// Whether it was brought here, and is thrown away by `remove`.
    let isCopy: Bool

    static func open(_ part: Artifact, of backup: BackupInHand, scratch: String, say: @Sendable (String) -> Void) async throws -> LocalPart
    {
        guard part.encodings.isEmpty else {
            throw Failure(
                .unfit,
                "part \(part.key) of backup \(backup.manifest.id) is encoded as \(part.encodings.joined(separator: ", ")), "
                    + "which this lifeboat cannot undo", hint: "use a newer lifeboat")
        }
        if let path = backup.store.localPath(of: part.storeKey(in: backup.manifest.id)) {
            return LocalPart(path: path, part: part, isCopy: false)
        }
        let copy = LocalPart(path: "\(scratch)/part-\(randomHex(6))", part: part, isCopy: true)
        say("fetching \(part.key)")
        do { try await fetch(part, of: backup, to: copy.path) } catch {
            await copy.remove()
            guard let error = error as? FileError else { throw error }
            throw Failure(
                .localStorage, "cannot fetch part \(part.key) of backup \(backup.manifest.id) into \(scratch)",
                hint: "it needs \(part.stored.bytes) bytes there", cause: error)
        }
        return copy
    }

    /// Throws `Failure(.localStorage)` when the disk of a folder is known to be too small for copies of all of them.
    static func checkRoom(for parts: [Artifact], in folder: String) async throws {
        let needed = parts.reduce(0) { $0 + $1.stored.bytes }
        guard let space = await blocking({ _ in try? Files.space(at: folder) }), space.availableBytes < needed else { return }
        throw Failure(
            .localStorage,
            "there is no room for a copy of \(ByteSize(needed)) of backup: the disk of \(folder) has \(ByteSize(space.availableBytes)) left",
            hint: "make room there")
    }

    func remove() async {
        guard isCopy else { return }
        await Self.remove(path)
    }

    /// The same where only the path is known: nothing of a store lies in a scratch folder.
    static func removeCopy(_ path: String, in scratch: String) async {
        guard path.hasPrefix("\(scratch)/part-") else { return }
        await remove(path)
    }

    private static func remove(_ path: String) async {
        _ = await uncancelled { await blocking { _ in try? Files.removeFile(path) } }
    }

    /// Copies an artifact into a new file. Throws `FileError` for the disk here, `Failure(.damaged)` when it does not arrive as it was captured.
    static func fetch(_ part: Artifact, of backup: BackupInHand, to path: String) async throws {
        let writer = try await blocking { _ throws(FileError) in try FileWriter(creating: path) }
        let digest = SHA256()
        let reader = try await backup.store.open(part.storeKey(in: backup.manifest.id), from: 0)
        do {
            while let piece = try await reader.next() {
                digest.update(piece)
                try await blocking { _ throws(FileError) in try writer.write(piece) }
            }
            try await blocking { _ throws(FileError) in try writer.finish() }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        guard digest.hexDigest() == part.content.sha256 else {
            throw Failure(
                .damaged, "part \(part.key) of backup \(backup.manifest.id) was damaged on its way here",
                hint: "try again; `lifeboat backups verify` tells whether it is damaged in the store")
        }
    }
}

extension LocalPart {
    /// The whole of a small one. Throws `Failure(.damaged)`.
    static func read(_ local: LocalPart) async throws -> [UInt8] {
        do { return try await blocking { _ throws(FileError) in try Files.read(local.path, limit: 64 << 20) } } catch {
            throw Failure(.damaged, "part \(local.part.key) cannot be read", hint: "choose another backup", cause: error)
        }
    }
}
