import Bindings
import Recovery

/// Reads the archive of a captured storage folder once, and holds every file against what was captured.
struct StorageArchive: Sendable {
    let path: String
    /// Follows "part": `storage.tar.zst of backup …`.
    let name: String
    /// What the file itself has to be; nil while it is being captured. Times of change are in no listing, and some packers check nothing.
    let sha256: String?
    let listing: StorageListing

    /// Hands over each folder and file below the captured folder; what `visit` leaves of a file is read on. Blocking. Throws
    /// `Failure(.damaged)` when anything is not as it was captured, for a file after it was handed over. Returns how many files it read.
    @discardableResult
    func walk(
        until flag: CancellationFlag, root: (ArchiveEntry) throws -> Void = { _ in },
        _ visit: (_ parts: [String], _ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> Void
    ) throws -> Int {
        do { return try walkAll(flag, root, visit) } catch let error as ArchiveError { throw damaged("\(error.words)") } catch let error
            as CompressionError
        { throw damaged("\(error)") }
    }

    private func walkAll(
        _ flag: CancellationFlag, _ root: (ArchiveEntry) throws -> Void,
        _ visit: (_ parts: [String], _ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> Void
    ) throws -> Int {
        let archive = try ArchiveReader(packed: path, .zstd, until: flag)
        var names = EntryNames(of: path, as: "archive of a storage folder")
        var (files, folders) = (0, Set<String>())
        while let entry = try archive.next() {
            guard let parts = try names.admit(entry) else {
                try root(entry)
                continue
            }
            let name = parts.joined(separator: "/")
            guard entry.kind == .file else {
                guard listing.folders.contains(name) else { throw damaged("folder '\(name)' is in it, and was not captured") }
                folders.insert(name)
                try visit(parts, entry, archive)
                continue
            }
            guard let file = listing.files[name] else { throw damaged("file '\(name)' is in it, and was not captured") }
            guard entry.size == file.bytes else { throw damaged("file '\(name)' has \(entry.size) bytes in it, and had \(file.bytes)") }
            try visit(parts, entry, archive)
            guard try archive.endOfEntry() == file.sha256 else { throw damaged("file '\(name)' is not as it was captured") }
            files += 1
        }
        if let sha256, archive.sha256 != sha256 { throw damaged("it is not as it was captured") }
        // Each was listed, and no file was there twice.
        guard files == listing.files.count, folders == listing.folders else {
            throw damaged("\(listing.files.count - files + listing.folders.count - folders.count) of what was captured is not in it")
        }
        return files
    }

    private func damaged(_ what: String) -> Failure {
        Failure(.damaged, "part \(name) is damaged: \(what)", hint: "choose another backup; `lifeboat backups list` shows them")
    }
}
