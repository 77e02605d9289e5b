import Bindings
import Recovery

/// A folder of this machine.
struct LocalFolder: PrivateFolder {
    let path: String

    func write(_ name: String, _ bytes: [UInt8]) async throws {
        try await blocking { [path] _ throws(FileError) in try Files.create("\(path)/\(name)", bytes) }
    }

    func read(_ name: String, limit: Int) async throws -> [UInt8] {
        try await blocking { [path] _ throws(FileError) in try Files.read("\(path)/\(name)", limit: limit) }
    }

    func remove(_ name: String) async { _ = await blocking { [path] _ in try? Files.removeFile("\(path)/\(name)") } }
}

/// Programs of this machine, with what they read and write where it lies.
struct LocalToolPlace: ToolPlace {
    let folder: any PrivateFolder
    let commands: any CommandRunner
    var container: String? { nil }

    init(folder: String, commands: any CommandRunner) {
        self.folder = LocalFolder(path: folder)
        self.commands = commands
    }

    func bring(_ files: [String], of local: String) async throws -> String { local }
    func fetch(_ name: String, into local: String) async throws {}
    func close() async {}
}
