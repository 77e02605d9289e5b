import Glibc

/// What the file system says of one name. A symbolic link is itself, not what it points to.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case file, folder, symbolicLink, other }

    package let kind: Kind
    package let bytes: Int64
    /// What it takes of its disk; less than `bytes` for files with holes.
    package let diskBytes: Int64
    /// Seconds and nanoseconds since 1970.
    package let modified: WallTime
    /// Permission bits, as in 0o600.
    package let mode: UInt32
    package let owner: UInt32
    package let group: UInt32
    package let inode: UInt64
    package let device: UInt64
    package let linkCount: Int

    init(_ information: stat) {
        kind =
            switch information.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symbolicLink
            default: .other
            }
        bytes = Int64(information.st_size)
        diskBytes = Int64(information.st_blocks) * 512
        modified = WallTime(
            secondsSince1970: Int64(information.st_mtim.tv_sec), nanoseconds: Int32(truncatingIfNeeded: information.st_mtim.tv_nsec))
        mode = information.st_mode & 0o7777
        owner = information.st_uid
        group = information.st_gid
        inode = UInt64(information.st_ino)
        device = UInt64(information.st_dev)
        linkCount = Int(information.st_nlink)
    }

    init(of descriptor: borrowing Descriptor) throws(ErrorNumber) {
        var information = stat()
        try checked { fstat(descriptor.number, &information) }
        self.init(information)
    }
}

/// One name in a folder.
package struct FileEntry: Sendable, Hashable {
    package let name: String
    /// False if the name is not UTF-8: then `name` is only for showing.
    package let nameIsExact: Bool
    package let status: FileStatus
}
