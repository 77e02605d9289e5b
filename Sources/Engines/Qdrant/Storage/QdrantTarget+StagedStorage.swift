import Bindings
import Recovery

extension QdrantTarget {
    /// Folders that runs have staged beside the storage folder and did not come to use. What a run has put aside is never one of them.
    func leftoversHere(sparing isSpared: @Sendable (RunID) -> Bool) async throws -> [Leftover] {
        guard let storage else { return [] }
        let names: [FileEntry]
        do { names = try await blocking { _ throws(FileError) in try Files.list(storage.parent) } } catch {
            if error.reason == .missing { return [] }
            throw storage.unreadable(error)
        }
        return names.compactMap { entry in
            guard entry.nameIsExact, entry.status.kind == .folder, let run = storage.run(ofStaged: entry.name), !isSpared(run) else {
                return nil
            }
            let path = "\(storage.parent == "/" ? "" : storage.parent)/\(entry.name)"
            return Leftover(kind: Self.stagedStorage, name: path, run: run, words: "\(path), which run \(run) has unpacked")
        }
    }

    func removeStaged(_ leftover: Leftover) async throws {
        guard let storage, leftover.name.hasPrefix(storage.parent), let slash = leftover.name.lastIndex(of: "/"),
            storage.run(ofStaged: String(leftover.name[leftover.name.index(after: slash)...])) != nil
        else { throw Failure(.bug, "'\(leftover.name)' is no folder that a run has staged") }
        let folder = StorageFolder(path: leftover.name)
        _ = try await LiveStorage(client: client).refuseOpen([folder], to: "remove")
        do { _ = try await blocking { _ throws(FileError) in try Files.removeTree(folder.path) } } catch { throw folder.unreadable(error) }
    }

    static let stagedStorage = StageStorageStep.objectKind
}
