import CSystem
import Glibc

/// Files and folders of this machine. Every call blocks: use it inside `blocking`, or on an actor's own queue.
package enum Files {
    // MARK: reading

    /// A small file whole. Larger than `limit` bytes is `.tooLarge`: such a file is not what it is taken for.
    package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let reader = try FileReader(path)
        var bytes: [UInt8] = []
        while let piece = try reader.next() {
            guard bytes.count + piece.count <= limit else {
                throw FileError("read", path, .tooLarge, "it is larger than \(limit) bytes")
            }
            bytes += piece
        }
        return bytes
    }

    /// `count` bytes from `offset`; fewer where the file ends.
    package static func read(_ path: String, from offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        let reader = try FileReader(path, from: offset)
        var bytes: [UInt8] = []
        while bytes.count < count, let piece = try reader.next(upTo: count - bytes.count) { bytes += piece }
        return bytes
    }

    /// `nil` if there is nothing of that name. Links are not followed.
    package static func status(of path: String) throws(FileError) -> FileStatus? {
        var information = stat()
        if lstat(path, &information) == 0 { return FileStatus(information) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError("look at", path, .last)
    }

    /// What is in a folder, by name. Links are not followed; what disappears meanwhile is left out.
    package static func list(_ folder: String) throws(FileError) -> [FileEntry] {
        let descriptor = try FileError.naming("list", folder) { () throws(ErrorNumber) in
            try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
        }
        return try FileError.naming("list", folder) { () throws(ErrorNumber) in
            try FolderListing.entries(of: descriptor).map(\.entry)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// What a folder and all that is in it take of their disk. Links are not followed; what disappears meanwhile is left out.
    package static func diskBytes(below folder: String) throws(FileError) -> Int64 {
        try FileError.naming("measure", folder) { () throws(ErrorNumber) in
            try FolderListing.diskBytes(below: try Descriptor.open(folder, O_RDONLY | O_DIRECTORY))
        }
    }

    // MARK: writing

    /// Writes a file that must not exist yet; on disk when this returns, absent when it throws. The folder is not synced.
    package static func create(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        let writer = try FileWriter(creating: path, mode: mode)
        try writer.write(bytes)
        try writer.finish()
    }

    /// Writes or replaces a file, whole or not at all; on disk when this returns.
    package static func replace(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        let temporary = "\(path).\(randomHex(8)).new"
        try create(temporary, bytes, mode: mode)
        guard rename(temporary, path) == 0 else {
            let error = ErrorNumber.last
            unlink(temporary)
            throw FileError("replace", path, error)
        }
        try syncFolder(of: path)
    }

    /// Gives a finished file or folder its real name, on the same file system, and syncs the folder. Never replaces: a name
    /// that is taken is `.exists`.
    package static func publish(from source: String, to destination: String) throws(FileError) {
        if cs_rename_new(source, destination) != 0 {
            // Some file systems (NFS, many that are programs) cannot do it in one call.
            guard errno == EINVAL || errno == ENOSYS || errno == ENOTSUP else {
                throw FileError("publish \(source) as", destination, .last)
            }
            try publishInSteps(from: source, to: destination)
        }
        try syncFolder(of: destination)
    }

    /// A hard link fails just as surely when the name exists. Folders cannot be linked: whether the name is free is looked at before, and a
    /// folder that comes between the two takes nothing from anybody, since a rename replaces an empty one only.
    static func publishInSteps(from source: String, to destination: String) throws(FileError) {
        if try status(of: source)?.kind == .folder {
            guard try status(of: destination) == nil else { throw FileError("publish \(source) as", destination, .exists) }
            guard rename(source, destination) == 0 else { throw FileError("publish \(source) as", destination, .last) }
        } else {
            guard link(source, destination) == 0 else { throw FileError("publish \(source) as", destination, .last) }
            unlink(source)
        }
    }

    /// Copies a file to a name that must not exist; on disk when this returns, absent when it throws.
    @discardableResult
    package static func copy(from source: String, to destination: String, mode: UInt32 = 0o600) throws(FileError) -> Int64 {
        let reader = try FileReader(source)
        let writer = try FileWriter(creating: destination, mode: mode)
        try writer.append(contentsOf: reader)
        try writer.finish()
        return writer.bytesWritten
    }

    package static func syncFile(_ path: String) throws(FileError) {
        try sync(path, O_RDONLY)
    }

    /// Makes the names in a folder safe: what was created, renamed and removed there.
    package static func syncFolder(_ path: String) throws(FileError) {
        try sync(path, O_RDONLY | O_DIRECTORY)
    }

    static func syncFolder(of path: String) throws(FileError) { try syncFolder(folder(of: path)) }

    private static func sync(_ path: String, _ flags: Int32) throws(FileError) {
        try FileError.naming("write to disk", path) { () throws(ErrorNumber) in
            let descriptor = try Descriptor.open(path, flags)
            try checked { fsync(descriptor.number) }
        }
    }

    // MARK: folders, removal, rights

    /// One new folder; `.exists` if the name is taken.
    package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        try FileError.naming("make folder", path) { () throws(ErrorNumber) in try checked { mkdir(path, mode) } }
    }

    /// A folder and those above it, as far as they are missing.
    package static func makeFolders(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        if mkdir(path, mode) == 0 { return }
        var error = ErrorNumber.last
        if error == .missing, path.contains("/") {
            let above = folder(of: path)
            if above != path {
                try makeFolders(above, mode: mode)
                if mkdir(path, mode) == 0 { return }
                error = .last
            }
        }
        var information = stat()
        if error == .exists, stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR { return }
        throw FileError("make folder", path, error)
    }

    /// Removes a file or link. Returns false if there was none.
    @discardableResult
    package static func removeFile(_ path: String) throws(FileError) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw FileError("remove", path, .last)
    }

    /// Removes an empty folder; `.notEmpty` if it is not. Returns false if there was none.
    @discardableResult
    package static func removeEmptyFolder(_ path: String) throws(FileError) -> Bool {
        if rmdir(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw FileError("remove folder", path, errno == EEXIST ? .notEmpty : .last)
    }

    /// Removes a file, or a folder with all that is in it. Links are removed and never followed. Returns false if there was
    /// nothing of that name.
    @discardableResult
    package static func removeTree(_ path: String) throws(FileError) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        // Which of the two a folder gives depends on the file system and on who we are.
        guard errno == EISDIR || errno == EPERM else { throw FileError("remove", path, .last) }
        try FileError.naming("remove", path) { () throws(ErrorNumber) in
            // With O_NOFOLLOW, and from here on by descriptor: nobody can put a link in our way.
            let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            try FolderListing.empty(folder)
            try checked { rmdir(path) }
        }
        return true
    }

    package static func changeOwner(of path: String, to account: UserAccount) throws(FileError) {
        try FileError.naming("give \(account.name)", path) { () throws(ErrorNumber) in
            try checked { lchown(path, account.uid, account.gid) }
        }
    }

    /// By number, as an archive has them.
    package static func changeOwner(of path: String, toUser user: UInt32, group: UInt32) throws(FileError) {
        try FileError.naming("give \(user):\(group)", path) { () throws(ErrorNumber) in try checked { lchown(path, user, group) } }
    }

    package static func changeMode(of path: String, to mode: UInt32) throws(FileError) {
        try FileError.naming("change the permissions of", path) { () throws(ErrorNumber) in try checked { chmod(path, mode) } }
    }

    /// Room on the file system that holds a path, for an ordinary account: what is reserved for root does not count.
    package static func space(at path: String) throws(FileError) -> FileSpace {
        var information = statvfs()
        try FileError.naming("measure the free space at", path) { () throws(ErrorNumber) in
            try checked { statvfs(path, &information) }
        }
        let block = Int64(information.f_frsize)
        return FileSpace(
            availableBytes: Int64(clamping: information.f_bavail) * block, totalBytes: Int64(clamping: information.f_blocks) * block)
    }

    /// The folder that a path is in.
    static func folder(of path: String) -> String {
        let trimmed = path.reversed().drop { $0 == "/" }
        let above = String(trimmed.drop { $0 != "/" }.drop { $0 == "/" }.reversed())
        if !above.isEmpty { return above }
        return path.hasPrefix("/") ? "/" : "."
    }
}

package struct FileSpace: Sendable, Hashable {
    package let availableBytes: Int64
    package let totalBytes: Int64
}
