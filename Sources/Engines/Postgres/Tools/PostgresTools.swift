import Bindings
import FoundationEssentials
import Recovery

/// Finds PostgreSQL's own programs on this machine or in a container, and chooses among the versions of them.
///
/// Looked for in this order: the folders that the configuration names, PATH, Debian's versioned folders (newest first). Each
/// program is asked for its version once.
package actor PostgresTools {
    private let folders: [String]
    private let debianFolder: String
    private let commands: any CommandRunner
    private let containers: (any ToolContainers)?
    private let source: Source
    private var versions: [String: PostgresVersion?] = [:]

    /// - Parameters:
    ///   - folders: named by the configuration (`tools:`) or handed in otherwise; the first to look into.
    ///   - path: the value of PATH.
    package init(
        folders: [String], path: String, debianFolder: String = "/usr/lib/postgresql", commands: any CommandRunner,
        containers: (any ToolContainers)? = nil
    ) {
        self.init(
            allFolders: folders + path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }, debianFolder, commands,
            containers, .here)
    }

    private init(
        allFolders: [String], _ debianFolder: String, _ commands: any CommandRunner, _ containers: (any ToolContainers)?, _ source: Source
    ) {
        folders = allFolders
        self.debianFolder = debianFolder
        self.commands = commands
        self.containers = containers
        self.source = source
    }

    /// Where client programs are taken from. Those of servers are always this machine's.
    package enum Source: Sendable {
        case here
        case container(String)
        /// From the container what this machine lacks.
        case hereElse(container: String)
    }

    package nonisolated func from(_ source: Source) -> PostgresTools {
        PostgresTools(allFolders: folders, debianFolder, commands, containers, source)
    }

    /// Where a program of ours runs. To be closed.
    ///
    /// - Parameters:
    ///   - folder: of this machine, for a program of this machine.
    ///   - commands: run those.
    package nonisolated func place(for tool: PostgresTool, folder: String, commands: any CommandRunner) async throws -> any ToolPlace {
        guard let container = tool.container, let containers else { return LocalToolPlace(folder: folder, commands: commands) }
        return try await containers.open(container)
    }

    /// Ends the programs of ours that go on in the container though the process that began them is dead. Those of this machine end with
    /// it.
    package nonisolated func endLeftPrograms() async throws {
        switch source {
        case .here: return
        case .container(let container), .hereElse(let container): try await containers?.endLeft(in: container)
        }
    }

    /// The `pg_dump`, `pg_restore` or `psql` for a server of that major version and, when it is to read one, for a dump that was
    /// written by that major version.
    ///
    /// It is never older than either, and otherwise as near to the server as there is: newer ones send settings that older
    /// servers refuse (`transaction_timeout`, since 17). `Failure(.toolMissing)` when there is none.
    package func client(_ name: String, forServer server: Int, reading dump: Int? = nil) async throws -> PostgresTool {
        let needed = max(server, dump ?? 0)
        switch source {
        case .here: return try await here(name, needed)
        case .container(let container): return try await inside(container, name, needed)
        case .hereElse(let container):
            do { return try await here(name, needed) } catch let failure as Failure where failure.kind == .toolMissing {
                do { return try await inside(container, name, needed) } catch { throw failure }
            }
        }
    }

    private func inside(_ container: String, _ name: String, _ needed: Int) async throws -> PostgresTool {
        guard let containers else { throw Failure(.bug, "nothing leads into container '\(container)'") }
        let found = try await ContainerTools(containers: containers, container: container).all(name)
        if let tool = Self.nearest(found, needed) { return tool }
        let there = found.isEmpty ? "" : "; there is " + found.map { "\($0.version) (\($0.path))" }.joined(separator: ", ")
        throw Failure(
            .toolMissing, "no \(name) of version \(needed) or newer is in container '\(container)'\(there)",
            hint: "`container:` names the container that the server itself runs in; images of PostgreSQL hold its programs")
    }

    private static func nearest(_ found: [PostgresTool], _ needed: Int) -> PostgresTool? {
        let fitting = found.filter { $0.version.major >= needed }
        guard let nearest = fitting.map(\.version.major).min() else { return nil }
        return newest(fitting.filter { $0.version.major == nearest })
    }

    private func here(_ name: String, _ needed: Int) async throws -> PostgresTool {
        let found = await all(name)
        if let tool = Self.nearest(found, needed) { return tool }
        throw Failure(
            .toolMissing, "no \(name) of version \(needed) or newer was found" + Self.words(found),
            hint: "install the Debian package postgresql-client-\(needed) (apt.postgresql.org has the versions that Debian lacks), "
                + "or name the folder of the programs with `tools:` in the configuration")
    }

    /// The server programs for a backup of that major version (nil: the newest there are) that have all of `extensions`.
    ///
    /// The same major version is preferred, then the nearest newer one. `Failure(.toolMissing)` when there is none.
    package func server(atLeast major: Int?, extensions: [String] = []) async throws -> PostgresInstallation {
        let found = await installations()
        let fitting = found.filter { $0.version.major >= major ?? 0 }
        guard !fitting.isEmpty else {
            throw Failure(
                .toolMissing,
                (major.map { "no PostgreSQL server of version \($0) or newer was found" } ?? "no PostgreSQL server was found")
                    + Self.words(found.map { PostgresTool(path: $0.path(of: "postgres"), version: $0.version) }),
                hint: "install the Debian package \(major.map { "postgresql-\($0)" } ?? "postgresql") (apt.postgresql.org has the versions "
                    + "that Debian lacks), or name the folder of the programs with `tools:` in the configuration")
        }
        var complete: [PostgresInstallation] = []
        for installation in fitting where await missing(extensions, in: installation).isEmpty { complete.append(installation) }
        let versions = complete.map(\.version)
        guard let best = major == nil ? versions.max() : versions.min(by: { ($0.major, -$0.minor) < ($1.major, -$1.minor) }),
            let chosen = complete.first(where: { $0.version == best })
        else { throw await noneHas(extensions, among: fitting) }
        return chosen
    }

    /// Those of the extensions that this installation cannot create.
    package func missing(_ extensions: [String], in installation: PostgresInstallation) async -> [String] {
        guard !extensions.isEmpty else { return [] }
        let folder = await extensionFolder(of: installation)
        return extensions.filter { name in
            // A name is a file's name here, and comes out of a backup.
            !name.contains("/") && !FileManager.default.fileExists(atPath: "\(folder)/\(name).control")
        }
    }

    private func noneHas(_ extensions: [String], among installations: [PostgresInstallation]) async -> Failure {
        var words: [String] = []
        var absent: [String] = []
        for installation in installations {
            let missing = await missing(extensions, in: installation)
            words.append("PostgreSQL \(installation.version) in \(installation.folder) lacks \(missing.joined(separator: ", "))")
            if absent.isEmpty { absent = missing }
        }
        let major = installations.map(\.version.major).min() ?? 0
        let packages = absent.map { "postgresql-\(major)-\($0 == "vector" ? "pgvector" : $0)" }
        return Failure(
            .toolMissing, "no PostgreSQL server here has all extensions of the backup: \(words.joined(separator: "; "))",
            hint: "install them (Debian's packages are called like \(packages.joined(separator: ", "))), "
                + "or name the folder of a server that has them with `tools:` in the configuration")
    }

    // MARK: Looking

    private func all(_ name: String) async -> [PostgresTool] {
        var found: [PostgresTool] = []
        for folder in await allFolders() {
            let path = "\(folder)/\(name)"
            guard !found.contains(where: { $0.path == path }), Self.isProgram(path), let version = await version(of: path) else { continue }
            found.append(PostgresTool(path: path, version: version))
        }
        return found
    }

    private func installations() async -> [PostgresInstallation] {
        await all("postgres").compactMap { tool in
            let folder = String(tool.path.dropLast("/postgres".count))
            return Self.isProgram("\(folder)/initdb") ? PostgresInstallation(folder: folder, version: tool.version) : nil
        }
    }

    private func allFolders() async -> [String] {
        let debianFolder = debianFolder
        let versions = await blocking { _ in (try? FileManager.default.contentsOfDirectory(atPath: debianFolder)) ?? [] }
        return folders + versions.compactMap { Int($0) }.sorted(by: >).map { "\(debianFolder)/\($0)/bin" }
    }

    /// Debian's `/usr/bin/pg_dump` is a script that chooses a version by rules of its own; the real ones are found elsewhere.
    private static func isProgram(_ path: String) -> Bool {
        let files = FileManager.default
        guard files.isExecutableFile(atPath: path) else { return false }
        let target = try? files.destinationOfSymbolicLink(atPath: path)
        return target?.hasSuffix("pg_wrapper") != true
    }

    private func version(of path: String) async -> PostgresVersion? {
        if let known = versions[path] { return known }
        let outcome = try? await commands.run(CommandSpec(path, ["--version"]))
        let words = String(decoding: outcome?.output ?? [], as: UTF8.self)
        let version = PostgresVersion(saidBy: words)
        versions[path] = .some(version)
        return version
    }

    private func extensionFolder(of installation: PostgresInstallation) async -> String {
        let root = installation.folder.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let known = [
            "\(root)/share/postgresql/extension", "\(root)/share/extension",
            "/usr/share/postgresql/\(installation.version.major)/extension",
        ]
        // Debian's is tried only for Debian's own programs: another build of the same version has its own.
        let candidates = installation.folder.hasPrefix(debianFolder) ? known.reversed() : Array(known.dropLast())
        if let folder = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return folder }
        let outcome = try? await commands.run(CommandSpec(installation.path(of: "pg_config"), ["--sharedir"]))
        let share = String(decoding: outcome?.output ?? [], as: UTF8.self).split(separator: "\n").first.map(String.init)
        return "\(share ?? root)/extension"
    }

    private static func newest(_ tools: [PostgresTool]) -> PostgresTool? {
        guard let version = tools.map(\.version).max() else { return nil }
        return tools.first { $0.version == version }
    }

    private static func words(_ found: [PostgresTool]) -> String {
        guard !found.isEmpty else { return ": none is on PATH or in Debian's folders" }
        return "; there is " + found.map { "\($0.version) (\($0.path))" }.joined(separator: ", ")
    }
}
