import Bindings
import Recovery

/// Puts a staged folder in the place of a server's storage folder, which is kept under another name.
///
/// Two renames, and what lies on the disk tells which of them were done: whoever comes after a crash goes on from there.
struct StorageReplacement: Sendable {
    let folder: StorageFolder
    let staged: StorageFolder
    let aside: StorageFolder

    init(of folder: StorageFolder, by run: RunID) {
        self.folder = folder
        (staged, aside) = (folder.staged(by: run), folder.aside(by: run))
    }

    /// What the disk tells.
    enum State: Equatable {
        /// Nothing was renamed.
        case untouched
        /// The old folder has its new name, and nothing is in its place.
        case oldIsAside
        /// The staged folder is the server's.
        case replaced
        case cannotTell(String)
    }

    /// What the kernel calls a folder, whatever its name. Without the number of its disk, which may be another one after a restart of the
    /// machine: it is compared only with what lies in one folder.
    static func mark(of status: FileStatus) -> String { "\(status.inode)" }

    /// The names tell most of it: those of the staged folder and of the one put aside are this run's own, and the first is given only to what
    /// is whole. `mark` is that of the staged folder as it was about to be renamed; nil when nobody has written it down, so that nothing was
    /// begun.
    func state(mark: String?) async throws -> State {
        let (old, new, kept) = (try await folder.status(), try await staged.status(), try await aside.status())
        switch (old, new, kept) {
        case (_, .some, nil): return .untouched
        case (nil, .some, .some): return .oldIsAside
        case (.some, .some, .some): return .cannotTell("both \(folder.path) and \(aside.path) are there")
        case (.some, nil, .some) where mark != nil: return .replaced
        case (.some(let old), nil, nil) where mark != nil && Self.mark(of: old) == mark: return .replaced
        default: return .cannotTell("there is no staged folder \(staged.path)")
        }
    }

    /// - Parameters:
    ///   - note: writes down the mark of the staged folder, before anything is renamed.
    ///   - isFree: throws when a server may be at work on one of these folders; asked before, and of the old folder once it has its new name.
    /// - Returns: whether there was an old folder, which is now under another name.
    @discardableResult
    func carryOut(mark known: String?, note: (String) async throws -> Void, isFree: ([StorageFolder]) async throws -> Void) async throws
        -> Bool
    {
        switch try await state(mark: known) {
        case .cannotTell(let why):
            let isAside = try await aside.status() != nil
            throw Failure(
                .refused, "cannot replace the storage folder \(folder.path): \(why)",
                hint: isAside
                    ? "what the server had is in \(aside.path); stop whatever has made \(folder.path) since, move that away, and resume"
                    : "stage it first (qdrant.stage-storage), in the same run; nothing has been changed")
        case .replaced: break
        case .untouched:
            guard let new = try await staged.status() else { throw Failure(.bug, "\(staged.path) was there, and is not") }
            let old = try await folder.movable()
            try await isFree([folder, staged])
            try await note(Self.mark(of: new))
            if old != nil {
                try await rename(folder, to: aside)
                do { try await isFree([aside]) } catch {
                    // Somebody has started the server between the look and the rename: it gets its folder back.
                    try await rename(aside, to: folder)
                    throw error
                }
            }
            try await rename(staged, to: folder)
        case .oldIsAside:
            try await isFree([aside, staged])
            try await rename(staged, to: folder)
        }
        do { try await blocking { [folder] _ throws(FileError) in try Files.syncFolder(folder.parent) } } catch { throw failed(error) }
        return try await aside.status() != nil
    }

    /// Never over something that is there; on disk when this returns.
    private func rename(_ one: StorageFolder, to other: StorageFolder) async throws {
        do { try await blocking { _ throws(FileError) in try Files.publish(from: one.path, to: other.path) } } catch { throw failed(error) }
    }

    private func failed(_ error: FileError) -> Failure {
        Failure(
            .localStorage, "cannot replace the storage folder \(folder.path)",
            hint:
                "what was there is in \(folder.path) or in \(aside.path), and what was unpacked in \(staged.path); resume goes on from there",
            cause: error)
    }
}
