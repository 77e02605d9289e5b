import Bindings
import Documents
import Recovery

/// A folder that arangodump, or lifeboat, wrote: the dump of one database, or one folder for each of several.
package struct ArangoDumpFolder: Sendable {
    /// One database, as files in a folder.
    struct Database: ArangoDumpFiles {
        let path: String
        let sizes: [String: Int64]
        let unreadable: [String: String]

        var words: String { "the dump in \(path)" }
        func localPath(of name: String) async throws -> String { "\(path)/\(name)" }
        func release(_ path: String) async {}
    }

    package let path: String
    let databases: [Database]
    /// Beside the folders of several databases: what belongs to none of them.
    let strangers: [String]

    /// One for each database, with the folder that it is in.
    package func verifications(scratch: String) -> [(place: String, verification: DumpVerification)] {
        databases.map { ($0.path, DumpVerification($0, scratch: scratch)) }
    }

    /// What lies beside the folders of several databases and belongs to none.
    package var stranger: Failure? {
        guard let first = strangers.first else { return nil }
        let more = strangers.count > 1 ? " and \(strangers.count - 1) more" : ""
        return Failure(
            .damaged, "\(path) holds \(first.quoted)\(more), which belongs to no database of the dump",
            hint: "it may be left over from another dump: move it away, or dump again into a new folder")
    }

    /// Throws `Failure(.notFound)` when there is no such folder, `Failure(.unfit)` when it is no dump.
    package static func open(_ path: String) async throws -> ArangoDumpFolder {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        return try await blocking { _ in try open(trimmed, list(trimmed)) }
    }

    private static func open(_ path: String, _ entries: [FileEntry]) throws -> ArangoDumpFolder {
        let files = entries.filter { $0.status.kind != .folder }.map(\.name)
        if files.contains(where: isOfADump) {
            return ArangoDumpFolder(path: path, databases: [database(path, entries)], strangers: [])
        }
        var databases: [Database] = []
        var strangers = files.filter { $0 != DumpFileNames.encryption }
        for folder in entries where folder.status.kind == .folder {
            let inside = try list("\(path)/\(folder.name)")
            if inside.contains(where: { isOfADump($0.name) }) {
                databases.append(database("\(path)/\(folder.name)", inside))
            } else {
                strangers.append(folder.name)
            }
        }
        guard !databases.isEmpty else { throw foreign(path, entries) }
        if files.contains(DumpFileNames.encryption) { try refuseEncryption(path) }
        return ArangoDumpFolder(path: path, databases: databases, strangers: strangers)
    }

    private static func isOfADump(_ name: String) -> Bool {
        name == DumpFileNames.description || name.hasSuffix(DumpFileNames.structureEnd)
    }

    private static func database(_ path: String, _ entries: [FileEntry]) -> Database {
        var sizes: [String: Int64] = [:]
        var unreadable: [String: String] = [:]
        for entry in entries {
            if let reason = reasonNotToRead(entry) { unreadable[entry.name] = reason } else { sizes[entry.name] = entry.status.bytes }
        }
        return Database(path: path, sizes: sizes, unreadable: unreadable)
    }

    private static func reasonNotToRead(_ entry: FileEntry) -> String? {
        switch entry.status.kind {
        case .file: entry.nameIsExact ? nil : "its name is not UTF-8"
        case .folder: "it is a folder"
        case .symbolicLink: "it is a link"
        case .other: "it is no file"
        }
    }

    private static func refuseEncryption(_ path: String) throws {
        do {
            try DumpEncryption.check(Files.read("\(path)/\(DumpFileNames.encryption)", limit: 4096), of: "the dump in \(path)")
        } catch let error as FileError { throw unreadable(path, error) }
    }

    private static func list(_ path: String) throws -> [FileEntry] {
        do { return try Files.list(path) } catch { throw unreadable(path, error) }
    }

    private static func unreadable(_ path: String, _ error: FileError) -> Failure {
        switch error.reason {
        case .missing: Failure(.notFound, "there is no folder \(path)", hint: "a relative path begins where lifeboat was started")
        case .notAFolder:
            Failure(
                .unfit, "\(path) is a file: a dump of arangodump is a folder",
                hint: "name the folder that it is in; unpack an archive first")
        default: Failure(.localStorage, "cannot read \(path)", cause: error)
        }
    }

    private static func foreign(_ path: String, _ entries: [FileEntry]) -> Failure {
        let names = entries.prefix(3).map(\.name.quoted).joined(separator: ", ")
        let held =
            entries.isEmpty
            ? "it is empty" : "it holds \(names)\(entries.count > 3 ? " and more" : ""), and neither dump.json nor a structure"
        return Failure(
            .unfit, "\(path) is no dump of ArangoDB: \(held)",
            hint:
                "a dump holds NAME_HASH.structure.json and NAME_HASH.data.json.gz for each collection; one of several databases has a folder for each"
        )
    }
}
