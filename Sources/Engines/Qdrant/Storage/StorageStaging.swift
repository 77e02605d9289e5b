import Bindings
import Documents
import Recovery

/// Unpacks a captured storage folder beside the one of a server. Nothing that is there is touched.
struct StorageStaging: Sendable {
    /// Whose the files become.
    enum Owner: String, Choice {
        case captured, present
    }

    let folder: StorageFolder
    let run: RunID
    let archive: StorageArchive
    /// Nil: whose they were when they were captured.
    let owner: (user: UInt32, group: UInt32)?

    /// The folder has its name when this returns, and every file of it was held against its hash. When it throws, nothing of it is left.
    /// Returns how many files it has.
    func unpack() async throws -> Int {
        let (unfinished, staged) = (folder.unfinished(by: run), folder.staged(by: run))
        do {
            return try await blocking { flag in
                // What an attempt of this run has left.
                for folder in [unfinished, staged] { try Files.removeTree(folder.path) }
                try Files.makeFolder(unfinished.path)
                var folders: [(path: String, entry: ArchiveEntry)] = []
                let files = try archive.walk(until: flag, root: { folders.append((unfinished.path, $0)) }) { parts, entry, archive in
                    let path = ([unfinished.path] + parts).joined(separator: "/")
                    guard entry.kind == .file else {
                        try Files.makeFolder(path)
                        folders.append((path, entry))
                        return
                    }
                    let hasHoles = self.archive.listing.files[parts.joined(separator: "/")]?.diskBytes != nil
                    try Self.write(entry, from: archive, to: path, hasHoles: hasHoles)
                    try give(path, entry)
                }
                // Innermost first: a folder that nobody may write into takes nothing any more.
                for (path, entry) in folders.reversed() {
                    try Files.syncFolder(path)
                    try give(path, entry)
                }
                try Files.publish(from: unfinished.path, to: staged.path)
                return files
            }
        } catch {
            _ = await uncancelled { await blocking { _ in try? Files.removeTree(unfinished.path) } }
            guard let error = error as? FileError else { throw error }
            throw Failure(
                .localStorage, "cannot unpack the storage folder beside \(folder.path)",
                hint: error.isOutOfSpace
                    ? "it needs \(ByteSize(archive.listing.diskBytes)) there" : "lifeboat has to be root, or whose folder it is",
                cause: error)
        }
    }

    private static func write(_ entry: ArchiveEntry, from archive: ArchiveReader, to path: String, hasHoles: Bool) throws {
        let writer = try FileWriter(creating: path)
        try archive.forEachPiece { _, bytes in
            if hasHoles { try writer.writeWithHoles(bytes) } else { try writer.write(bytes) }
        }
        try writer.finish()
    }

    private func give(_ path: String, _ entry: ArchiveEntry) throws {
        let (user, group) = owner ?? (entry.owner, entry.group)
        // Without the right to give files away they are ours, and that was found to be right beforehand.
        if UserAccount.current.uid == 0 { try Files.changeOwner(of: path, toUser: user, group: group) }
        try Files.changeMode(of: path, to: entry.mode)
    }

    /// Why it cannot be unpacked there, told before anything is begun.
    static func lack(_ folder: StorageFolder, _ listing: StorageListing) async throws -> Failure? {
        let space: FileSpace
        do { space = try await blocking { _ throws(FileError) in try Files.space(at: folder.parent) } } catch {
            throw folder.unreadable(error)
        }
        guard space.availableBytes < listing.diskBytes else { return nil }
        return Failure(
            .localStorage,
            "the disk of \(folder.path) has \(ByteSize(space.availableBytes)), and the folder of the backup needs \(ByteSize(listing.diskBytes)) beside the one that is there",
            hint: "make room there; nothing has been changed")
    }
}
