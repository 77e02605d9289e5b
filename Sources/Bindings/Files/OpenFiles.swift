import Glibc

/// Which processes of this machine have files open or mapped. Blocking.
package enum OpenFiles {
    package struct Holder: Sendable, Hashable {
        package let pid: Int32
        /// As the kernel calls its program: up to 15 bytes.
        package let program: String
    }

    package struct Found: Sendable, Hashable {
        package var holders: [Holder] = []
        /// Processes that did not let us look at what they have open.
        package var unseen = 0
    }

    /// By device and number, since a container's processes know a file by another path, or by none that we could follow.
    package struct Identity: Sendable, Hashable {
        package let device: UInt64
        package let inode: UInt64

        package init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
    }

    /// Those that have one of these files; not we ourselves.
    package static func holders(of files: Set<Identity>, until flag: CancellationFlag) throws -> Found {
        var found = Found()
        for entry in try Files.list("/proc") {
            guard let pid = Int32(entry.name), pid != getpid() else { continue }
            try flag.check()
            let looks = [holds(files, "/proc/\(pid)/fd"), holds(files, "/proc/\(pid)/map_files")]
            if looks.contains(.yes) {
                found.holders.append(Holder(pid: pid, program: program(pid)))
            } else if looks.contains(.unseen) {
                found.unseen += 1
            }
        }
        return found
    }

    private enum Look { case yes, no, unseen }

    private static func holds(_ files: Set<Identity>, _ folder: String) -> Look {
        let names: [FileEntry]
        do { names = try Files.list(folder) } catch {
            // One that has ended meanwhile holds nothing.
            return error.reason == .forbidden ? .unseen : .no
        }
        var look = Look.no
        for name in names {
            var information = stat()
            // Through the link, to the file itself: the kernel leads there whatever the path means to us.
            if stat("\(folder)/\(name.name)", &information) == 0 {
                if files.contains(Identity(FileStatus(information))) { return .yes }
            } else if errno == EACCES || errno == EPERM {
                look = .unseen
            }
        }
        return look
    }

    private static func program(_ pid: Int32) -> String {
        let bytes = (try? Files.read("/proc/\(pid)/comm", limit: 64)) ?? []
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
