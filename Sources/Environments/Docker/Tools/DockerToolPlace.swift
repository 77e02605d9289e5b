import Bindings
import Recovery

/// Programs inside a container, with a private folder of theirs.
struct DockerToolPlace: ToolPlace {
    private let inside: DockerFolder
    private let name: String
    let commands: any CommandRunner

    init(inside folder: DockerFolder, name: String, time: any TimeSource) {
        inside = folder
        self.name = name
        commands = ContainerCommands(folder: folder, time: time)
    }

    var folder: any PrivateFolder { inside }
    var container: String? { name }

    func bring(_ files: [String], of local: String) async throws -> String {
        let name = "in-\(randomHex(4))"
        try await inside.makeFolder(name)
        for file in files { try await inside.write("\(name)/\(file)", file: "\(local)/\(file)") }
        return "\(inside.path)/\(name)"
    }

    func fetch(_ name: String, into local: String) async throws {
        let target = TarFolder(name, into: "\(local)/\(name)")
        try await target.open()
        do {
            try await inside.inside("read the folder \(name)") {
                try await inside.engine.stream(
                    "GET", "/containers/\(inside.container)/archive", [("path", "\(inside.path)/\(name)")],
                    silentFor: DockerEngine.patienceWithArchives, attempt: "read out of a container"
                ) { try await target.take($0) }
            }
            try await target.end()
        } catch {
            await target.abort()
            throw error
        }
    }

    func close() async { await inside.removeAll() }
}
