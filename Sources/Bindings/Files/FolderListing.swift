import Glibc

/// Walks a folder by descriptor, so that no link planted meanwhile leads elsewhere.
enum FolderListing {
    struct Found {
        /// As the system has it: names need not be UTF-8.
        let name: [CChar]
        let entry: FileEntry
    }

    static func entries(of folder: borrowing Descriptor) throws(ErrorNumber) -> [Found] {
        // A descriptor of its own, for the stream closes it and moves its position.
        let again = openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard again >= 0 else { throw .last }
        guard let stream = fdopendir(again) else {
            let error = ErrorNumber.last
            close(again)
            throw error
        }
        defer { closedir(stream) }
        var found: [Found] = []
        while true {
            errno = 0
            guard let record = readdir(stream) else {
                if errno != 0 { throw .last }
                return found
            }
            let name = withUnsafePointer(to: &record.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            var information = stat()
            guard fstatat(folder.number, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                throw .last
            }
            let exact = String(validating: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let shown = exact ?? String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            found.append(Found(name: name, entry: FileEntry(name: shown, nameIsExact: exact != nil, status: FileStatus(information))))
        }
    }

    /// What all that is in the folder takes of its disk.
    static func diskBytes(below folder: borrowing Descriptor) throws(ErrorNumber) -> Int64 {
        var bytes: Int64 = 0
        for found in try entries(of: folder) {
            bytes += found.entry.status.diskBytes
            guard found.entry.status.kind == .folder else { continue }
            let number = openat(folder.number, found.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else {
                if errno == ENOENT { continue }
                throw .last
            }
            bytes += try diskBytes(below: Descriptor(number))
        }
        return bytes
    }

    /// Removes all that is in the folder, but not itself.
    static func empty(_ folder: borrowing Descriptor) throws(ErrorNumber) {
        for found in try entries(of: folder) {
            guard found.entry.status.kind == .folder else {
                try remove(found.name, in: folder, 0)
                continue
            }
            let number = openat(folder.number, found.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else { throw .last }
            try empty(Descriptor(number))
            try remove(found.name, in: folder, AT_REMOVEDIR)
        }
    }

    private static func remove(_ name: [CChar], in folder: borrowing Descriptor, _ flags: Int32) throws(ErrorNumber) {
        if unlinkat(folder.number, name, flags) != 0, errno != ENOENT { throw .last }
    }
}
