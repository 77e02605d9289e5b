import Bindings
import Documents
import Recovery

/// The folder that a server keeps everything in, and what runs put beside it.
struct StorageFolder: Sendable, Hashable {
    /// From the root, without a slash at its end.
    let path: String

    /// Where a run puts what it has unpacked. Only what is whole has this name.
    func staged(by run: RunID) -> StorageFolder { StorageFolder(path: path + Self.stagedMark + run.rawValue) }
    /// While it is unpacked.
    func unfinished(by run: RunID) -> StorageFolder { StorageFolder(path: staged(by: run).path + Self.unfinishedMark) }
    /// Where a run puts the folder that it replaces. Nobody removes that but a person.
    func aside(by run: RunID) -> StorageFolder { StorageFolder(path: "\(path).before-\(run)") }

    private static let stagedMark = ".lifeboat-"
    private static let unfinishedMark = ".part"

    /// The folder it is in.
    var parent: String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private var name: String { String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]) }

    /// The run that has staged what is called so beside this folder; nil for what is not ours.
    func run(ofStaged other: String) -> RunID? {
        guard other.hasPrefix(name + Self.stagedMark) else { return nil }
        let rest = other.dropFirst((name + Self.stagedMark).count)
        let run = rest.hasSuffix(Self.unfinishedMark) ? rest.dropLast(Self.unfinishedMark.count) : rest
        return run.isEmpty ? nil : RunID(rawValue: String(run))
    }

    /// Nil when there is nothing of that name.
    func status() async throws -> FileStatus? {
        do { return try await blocking { [path] _ throws(FileError) in try Files.status(of: path) } } catch { throw unreadable(error) }
    }

    /// What is there as a folder, and can be given another name; nil when nothing is there. Throws `Failure(.refused)` for what is
    /// something else.
    func movable() async throws -> FileStatus? {
        guard let status = try await status() else { return nil }
        switch status.kind {
        case .folder: break
        case .symbolicLink:
            throw Failure(
                .refused, "\(path) is a link, not the storage folder itself", hint: "name the folder that it leads to under `storage:`")
        case .file, .other: throw Failure(.refused, "\(path) is no folder", hint: "name the server's storage folder under `storage:`")
        }
        let above: FileStatus?
        do { above = try await blocking { [parent] _ throws(FileError) in try Files.status(of: parent + "/.") } } catch {
            throw unreadable(error)
        }
        guard above?.device == status.device else {
            throw Failure(
                .refused, "\(path) is a disk of its own, and cannot be given another name",
                hint: "let the server keep its data in a folder on that disk (storage.storage_path), and name that one under `storage:`")
        }
        return status
    }

    /// Whose it is, as far as it says so.
    func peer() async -> String? {
        await blocking { [path] _ in
            guard let bytes = try? Files.read("\(path)/raft_state.json", limit: SnapshotDocument.limit) else { return nil }
            return (try? JSONValue(parsing: bytes))?["this_peer_id"]?.int.map { String($0) }
        }
    }

    func unreadable(_ error: FileError) -> Failure {
        Failure(
            .localStorage, "cannot look at the storage folder \(path)",
            hint: "lifeboat has to run where the folder is, as an account that may read it", cause: error)
    }
}

extension ReadableQdrant {
    func requiredStorage() throws -> StorageFolder { try QdrantTarget.required(binding.storage.map(StorageFolder.init), binding) }
}

extension QdrantTarget {
    var storage: StorageFolder? { binding.storage.map(StorageFolder.init) }

    /// Throws when nobody has said where it is.
    func requiredStorage() throws -> StorageFolder { try Self.required(storage, binding) }

    static func required(_ storage: StorageFolder?, _ binding: TargetBinding) throws -> StorageFolder {
        if let storage { return storage }
        guard !binding.isDisposable else {
            throw Failure(
                .environmentUnavailable, "the storage folder of server '\(binding.name)' is out of reach: it lies in a container",
                hint: "run the drill with --environment process")
        }
        throw Failure(
            .configuration, "nothing says where the storage folder of target '\(binding.name)' is",
            hint: "add `storage: /path/of/the/folder` to the target, on the machine where the server runs")
    }
}
