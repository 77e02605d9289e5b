import Recovery

/// Finds the program of a server on this machine: Qdrant itself, or the stand-in that says of itself that it is one.
struct QdrantPrograms: Sendable {
    private let folders: [String]
    private let path: String
    private let commands: any CommandRunner

    /// `folders` before those of `path`.
    init(folders: [String], path: String, commands: any CommandRunner) {
        self.folders = folders
        self.path = path
        self.commands = commands
    }

    static let server = "qdrant"
    /// Only in the folders that are named, since nobody wants it by accident.
    static let standIn = "qdrant-standin"

    /// Throws `Failure(.toolMissing)`.
    func find() throws -> String {
        for folder in folders + path.split(separator: ":").map(String.init) {
            if let found = commands.find("\(folder)/\(Self.server)") { return found }
        }
        for folder in folders {
            if let found = commands.find("\(folder)/\(Self.standIn)") { return found }
        }
        throw Failure(
            .toolMissing, "there is no program of Qdrant's server here to run a drill with",
            hint: "run the drill in containers (--environment docker), or put the program 'qdrant' on PATH or into a folder under `tools:`")
    }
}
