/// A folder for files that only programs of ours read and write.
package protocol PrivateFolder: Sendable {
    /// As the programs name it.
    var path: String { get }
    /// A new file, mode 0600.
    func write(_ name: String, _ bytes: [UInt8]) async throws
    func read(_ name: String, limit: Int) async throws -> [UInt8]
    /// One that is gone already is well.
    func remove(_ name: String) async
}

/// Where an engine's own programs run: on this machine, or inside a container.
package protocol ToolPlace: Sendable {
    var folder: any PrivateFolder { get }
    /// Runs programs there. They end when the task is cancelled.
    var commands: any CommandRunner { get }
    /// The container; nil for this machine.
    var container: String? { get }
    /// Makes files of a folder of this machine readable there. Returns their folder as the programs name it.
    func bring(_ files: [String], of local: String) async throws -> String
    /// Copies the files of a folder inside `folder` into a folder of this machine with that name, which is there already when the place
    /// is on this machine.
    func fetch(_ name: String, into local: String) async throws
    /// Ends what still runs and removes the folder.
    func close() async
}

/// Containers of this machine's engine in which programs can be run.
package protocol ToolContainers: Sendable {
    /// A fresh private folder in that container. What dead owners left in it is removed first.
    ///
    /// - Throws: `Failure(.toolMissing)` when there is no such container, or it does not run, or it takes no files;
    ///   `Failure(.environmentUnavailable)` when no engine answers.
    func open(_ container: String) async throws -> any ToolPlace
}

extension ToolContainers {
    /// Ends and removes what dead owners left in that container.
    package func endLeft(in container: String) async throws { await (try await open(container)).close() }
}
