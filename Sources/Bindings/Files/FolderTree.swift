import Glibc

/// All that is in a folder, at any depth.
package enum FolderTree {
    package struct Entry: Sendable, Hashable {
        /// Below the folder, with slashes; empty for the folder itself.
        package let path: String
        /// False if a name in it is not UTF-8: then `path` is only for showing.
        package let pathIsExact: Bool
        package let status: FileStatus
    }

    /// The folder itself first, then each folder before what is in it, by name. Links are listed and not followed; what disappears
    /// meanwhile is left out.
    package static func list(_ folder: String, until flag: CancellationFlag) throws -> [Entry] {
        let descriptor = try FileError.naming("list", folder) { () throws(ErrorNumber) in
            try Descriptor.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        }
        let status = try FileError.naming("look at", folder) { () throws(ErrorNumber) in try FileStatus(of: descriptor) }
        var entries = [Entry(path: "", pathIsExact: true, status: status)]
        try add(descriptor, folder, "", true, &entries, flag)
        return entries
    }

    private static func add(
        _ folder: borrowing Descriptor, _ root: String, _ path: String, _ isExact: Bool, _ entries: inout [Entry], _ flag: CancellationFlag
    ) throws {
        try flag.check()
        let found: [FolderListing.Found]
        do { found = try FolderListing.entries(of: folder) } catch { throw FileError("list", "\(root)/\(path)", error) }
        for item in found.sorted(by: { $0.entry.name.utf8.lexicographicallyPrecedes($1.entry.name.utf8) }) {
            let name = path.isEmpty ? item.entry.name : "\(path)/\(item.entry.name)"
            let isExact = isExact && item.entry.nameIsExact
            entries.append(Entry(path: name, pathIsExact: isExact, status: item.entry.status))
            guard item.entry.status.kind == .folder else { continue }
            let number = openat(folder.number, item.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else {
                let error = ErrorNumber.last
                if error == .missing { continue }
                throw FileError("list", "\(root)/\(name)", error)
            }
            try add(Descriptor(number), root, name, isExact, &entries, flag)
        }
    }
}
