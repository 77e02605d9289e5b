import Bindings
import Recovery

/// Backups in a folder of this machine.
///
/// Objects are files of the same path, mode 0600, in folders of mode 0700. No symbolic link below the root is followed: what
/// lies behind one is not there.
package struct DirectoryStore: Store {
    package let name: String
    /// The root. May itself be a link; it has to exist.
    package let location: String
    private let owner: Owner

    /// - Parameter owner: us; our unfinished files are recognised by it.
    package init(name: String, path: String, owner: Owner) {
        self.name = name
        location = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.owner = owner
    }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        let folder = try StoreKey.components(ofPrefix: prefix)
        return try await working(prefix.isEmpty ? "look" : "list '\(prefix)'") {
            guard let path = try resolve(folder, as: .folder) else { return [] }
            let entries = try unlessGone { () throws(FileError) in try Files.list(path) }?
                .filter { $0.nameIsExact && StoreKey.isComponent($0.name, inRoot: folder.isEmpty) }
                .compactMap { entry -> StoreEntry? in
                    if let after, !StoreKey.isBefore(after, entry.name) { return nil }
                    switch entry.status.kind {
                    case .folder: return StoreEntry(name: entry.name, kind: .folder)
                    case .file: return StoreEntry(name: entry.name, kind: .object(bytes: entry.status.bytes))
                    case .symbolicLink, .other: return StoreEntry(name: entry.name, kind: .foreign)
                    }
                }
            return Array((entries ?? []).prefix(limit))
        }
    }

    package func size(of key: String) async throws -> Int64? {
        let components = try StoreKey.components(of: key)
        return try await working("look at \(key)") {
            guard let path = try resolve(components, as: .file) else { return nil }
            return try Files.status(of: path)?.bytes
        }
    }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        let components = try StoreKey.components(of: key)
        return try await working("read \(key)") {
            let missing = Failure(.notFound, "store '\(name)' has no object \(key)")
            guard let path = try resolve(components, as: .file),
                let reader = try unlessGone({ () throws(FileError) in try FileReader(path, from: offset) })
            else { throw missing }
            // The reader would follow a link that was put there after we looked.
            guard let seen = try Files.status(of: path), seen.inode == (try reader.status().inode), seen.kind == .file else {
                throw missing
            }
            return DirectoryReader(reader, of: self, key: key)
        }
    }

    package func localPath(of key: String) -> String? {
        (try? StoreKey.components(of: key)).map { path(of: $0) }
    }

    package func create(_ key: String, _ bytes: [UInt8]) async throws {
        let components = try StoreKey.components(of: key)
        try await working("store \(key)") {
            try refuseIfTaken(components, key)
            let temporary = try makeWorkName()
            defer { _ = try? Files.removeFile(temporary) }
            try Files.create(temporary, bytes)
            try publish(temporary, as: components, key)
        }
    }

    package func adopt(file path: String, as key: String) async throws -> StoredObject {
        let components = try StoreKey.components(of: key)
        return try await working("store \(path) as \(key)") {
            guard let status = try Files.status(of: path), status.kind == .file else {
                throw Failure(.localStorage, "cannot store \(path) as \(key): it is no regular file")
            }
            try refuseIfTaken(components, key)
            if status.device == (try Files.status(of: location + "/.")?.device),
                let object = try adoptByRenaming(path, status, as: components, key)
            {
                return object
            }
            return try adoptByCopying(path, as: components, key)
        }
    }

    package func delete(_ key: String) async throws {
        let components = try StoreKey.components(of: key)
        try await working("delete \(key)") {
            if let path = try resolve(components, as: .file) { try Files.removeFile(path) }
            try removeEmptyFolders(above: components)
        }
    }

    package func makeWorkFolder(owner label: String) async throws -> String {
        try await working("make a folder for temporary files") {
            let path = try makeWorkName(label)
            try Files.makeFolder(path)
            return path
        }
    }

    package func removeWorkFolder(_ path: String) async throws {
        guard path.hasPrefix(work + "/"), !path.dropFirst(work.count + 1).contains("/"), !path.hasSuffix("/..") else {
            throw Failure(.bug, "\(path) is no folder for temporary files of store '\(name)'")
        }
        try await working("remove \(path)") { _ = try Files.removeTree(path) }
    }
}

extension DirectoryStore {
    /// What dead processes left unfinished. Their notes on servers are none of it.
    package func staleWorkFolders() async throws -> [Leftover] {
        try await staleWork().filter { $0.label != CaptureNotes.label }.map { left in
            Leftover(
                kind: Self.leftoverKind, name: left.text, run: nil,
                words: "unfinished files in store '\(name)', left by process \(left.owner.pid)")
        }
    }

    /// The folders of notes that dead captures kept on what they had servers make.
    package func staleNotes() async throws -> [String] {
        try await staleWork().filter { $0.label == CaptureNotes.label }.map { "\(work)/\($0.text)" }
    }

    private func staleWork() async throws -> [WorkName] {
        try await working("look for leftovers") {
            guard let folder = try Files.status(of: work), folder.kind == .folder else { return [] }
            return try Files.list(work).compactMap { entry in
                guard entry.nameIsExact, let left = WorkName(entry.name), left.owner.isDead(seenFrom: owner, isAlive: processIsAlive) else {
                    return nil
                }
                return left
            }
        }
    }

    package func removeStale(_ leftover: Leftover) async throws {
        guard leftover.kind == Self.leftoverKind, let left = WorkName(leftover.name),
            left.owner.isDead(seenFrom: owner, isAlive: processIsAlive)
        else {
            throw Failure(.refused, "\(work)/\(leftover.name) is not ours to remove: its owner may be alive")
        }
        try await removeWorkFolder("\(work)/\(leftover.name)")
    }

    private static let leftoverKind = "work folder"
}

// Everything below blocks.
extension DirectoryStore {
    private var work: String { "\(location)/\(StoreKey.reservedPrefix)work" }

    private func path(of components: [String]) -> String { ([location] + components).joined(separator: "/") }

    /// Nil when somebody has deleted it since we looked.
    private func unlessGone<Result>(_ body: () throws(FileError) -> Result) throws(FileError) -> Result? {
        do throws(FileError) {
            return try body()
        } catch {
            if error.reason == .missing { return nil }
            throw error
        }
    }

    /// The path, if it leads over nothing but folders to what is wanted.
    private func resolve(_ components: [String], as kind: FileStatus.Kind) throws -> String? {
        var path = location
        for (index, component) in components.enumerated() {
            path += "/" + component
            let wanted = index == components.count - 1 ? kind : .folder
            guard try Files.status(of: path)?.kind == wanted else { return nil }
        }
        return path
    }

    private func refuseIfTaken(_ components: [String], _ key: String) throws {
        if try Files.status(of: path(of: components)) != nil { throw taken(key) }
    }

    private func taken(_ key: String) -> Failure {
        Failure(.refused, "\(key) exists in store '\(name)' already, and nothing in a store is ever replaced")
    }

    private func makeWorkName(_ label: String = "") throws -> String {
        let name = WorkName(owner: owner, label: label, random: randomHex(12))
        try makeFolder(work)
        return "\(work)/\(name.text)"
    }

    private func makeFolder(_ path: String) throws {
        do throws(FileError) {
            try Files.makeFolder(path)
            try Files.syncFolder(path + "/..")
        } catch {
            guard error.reason == .exists else { throw error }
            // Gone again: whoever needs it will find it missing, and comes back.
            guard let status = try Files.status(of: path) else { return }
            guard status.kind == .folder else {
                throw Failure(
                    .refused, "\(path) in store '\(name)' is in the way: it is no folder",
                    hint: "links and files that lifeboat did not make do not belong into a store; move it away")
            }
        }
    }

    /// Against others who delete in the same folder, in a moment between our making it and our putting something in.
    private static let tries = 1000

    private func publish(_ file: String, as components: [String], _ key: String) throws {
        let destination = path(of: components)
        for attempt in 1... {
            do {
                for depth in 1..<max(components.count, 1) { try makeFolder(path(of: Array(components.prefix(depth)))) }
                return try publish(file, at: destination)
            } catch let error as FileError {
                if error.reason == .exists { throw taken(key) }
                // Somebody may have deleted the last object of the folder meanwhile, and the folder with it.
                guard error.reason == .missing, attempt < Self.tries else { throw error }
            }
        }
    }

    /// Absent when it throws.
    private func publish(_ file: String, at destination: String) throws {
        do {
            try Files.publish(from: file, to: destination)
        } catch {
            // It has its name, and the disk does not confirm it: then it must not have it.
            if error.reason != .exists, (try? Files.status(of: file)) == .some(nil) {
                try? Files.publish(from: destination, to: file)
            }
            throw error
        }
    }

    /// Nil where the file's disk turns out to be another one.
    private func adoptByRenaming(_ file: String, _ status: FileStatus, as components: [String], _ key: String) throws -> StoredObject? {
        let object = try hash(file)
        // Another account's file stays another account's after it was renamed.
        if status.owner != UserAccount.current.uid { try Files.changeOwner(of: file, to: .current) }
        try Files.changeMode(of: file, to: 0o600)
        try Files.syncFile(file)
        do {
            try publish(file, as: components, key)
            return object
        } catch let error as FileError where error.isOtherDisk {
            return nil
        }
    }

    private func adoptByCopying(_ file: String, as components: [String], _ key: String) throws -> StoredObject {
        let temporary = try makeWorkName()
        defer { _ = try? Files.removeFile(temporary) }
        let writer = try FileWriter(creating: temporary)
        let object = try hash(file, copyingTo: writer)
        try writer.finish()
        try publish(temporary, as: components, key)
        try Files.removeFile(file)
        return object
    }

    private func hash(_ file: String, copyingTo writer: FileWriter? = nil) throws -> StoredObject {
        let digest = SHA256()
        var bytes: Int64 = 0
        try FileReader(file).forEachPiece { piece in
            digest.update(piece)
            try writer?.write(piece)
            bytes += Int64(piece.byteCount)
        }
        return StoredObject(bytes: bytes, sha256: digest.hexDigest())
    }

    private func removeEmptyFolders(above components: [String]) throws {
        for depth in (1..<max(components.count, 1)).reversed() {
            let folder = Array(components.prefix(depth))
            guard let path = try resolve(folder, as: .folder) else { continue }
            do throws(FileError) {
                try Files.syncFolder(path)
                try Files.removeEmptyFolder(path)
            } catch {
                if error.reason == .notEmpty { return }
                // Others delete here too.
                guard error.reason == .missing else { throw error }
            }
        }
        try Files.syncFolder(location)
    }
}

extension DirectoryStore {
    /// Does blocking work off the cooperative pool, and says what the system answered in our words.
    func working<Result: Sendable>(_ attempt: String, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await blocking { _ in
            do {
                // With a dot behind it, a link to a folder is the folder.
                guard try Files.status(of: location + "/.") != nil else { throw rootMissing(attempt) }
                return try body()
            } catch let error as FileError {
                if (try? Files.status(of: location + "/.")) == .some(nil) { throw rootMissing(attempt) }
                throw error.asFailure(.localStorage, "cannot \(attempt) in store '\(name)'", where: location)
            }
        }
    }

    private func rootMissing(_ attempt: String) -> Failure {
        Failure(
            .storeUnavailable, "cannot \(attempt) in store '\(name)': its folder \(location) is not there",
            hint: "create the folder, or mount the disk that it lies on")
    }
}
