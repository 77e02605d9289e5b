import Bindings
import Documents
import Recovery

/// Programs inside containers of the engine that the `docker` command would speak to.
package struct DockerToolContainers: ToolContainers {
    private let connection: DockerConnection
    private let owner: Owner
    private let time: any TimeSource

    /// - Parameters:
    ///   - environment: ours; which engine is meant stands in there.
    ///   - owner: us; what we leave behind is recognised by it.
    package init(environment: [String: String], owner: Owner, time: any TimeSource) {
        connection = DockerConnection(environment)
        self.owner = owner
        self.time = time
    }

    package func open(_ container: String) async throws -> any ToolPlace {
        let engine = try await engine(container)
        let base = try await base(of: container, engine)
        return try await speaking(of: container) {
            for dead in try await deadPlaces(in: container, engine) { try await remove(dead, in: container, engine) }
            // The folder last: where something is missing, none is left.
            let script = #"umask 077; id -u && id -g && mktemp -d "$1-XXXXXX""#
            let made = try await engine.execute(["sh", "-c", script, "sh", "\(base)/\(Self.prefix)\(owner.text)"], in: container)
            let lines = made.output.split(separator: "\n").map(String.init)
            guard made.status == 0, lines.count == 3, let uid = Int(lines[0]), let gid = Int(lines[1]),
                Self.owner(of: lines[2])?.text == owner.text
            else {
                throw Failure(
                    .toolMissing, "no folder can be made in container '\(container)', in \(base)",
                    hint: "its image has to have sh, mktemp, id, tr and grep, as those of PostgreSQL have",
                    cause: Failure(
                        .toolMissing, "\(made.errors)\(made.output)".isEmpty ? "status \(made.status)" : made.errors + made.output))
            }
            let folder = DockerFolder(path: lines[2], container: container, uid: uid, gid: gid, engine: engine)
            return DockerToolPlace(inside: folder, name: container, time: time)
        }
    }

    /// What dead owners left in this container.
    package func leftovers(in container: String) async throws -> [Leftover] {
        let engine = try await engine(container)
        _ = try await base(of: container, engine)
        return try await speaking(of: container) { try await deadPlaces(in: container, engine) }.map { path in
            let whose = Self.owner(of: path).map { "process \($0.pid) on \($0.host)" } ?? "somebody"
            return Leftover(
                kind: "container-folder", name: path, run: nil, words: "folder \(path) in container '\(container)', left by \(whose)")
        }
    }

    package func remove(_ leftover: Leftover, in container: String) async throws {
        let engine = try await engine(container)
        try await speaking(of: container) {
            guard let path = try await deadPlaces(in: container, engine).first(where: { $0 == leftover.name }) else { return }
            try await remove(path, in: container, engine)
        }
    }

    // MARK: Folders

    private static let prefix = "lifeboat-"
    private static let bases = ["/tmp", "/var/tmp"]

    /// The one who made it; nil for a path that we do not make.
    private static func owner(of path: String) -> Owner? {
        guard let base = bases.first(where: { path.hasPrefix("\($0)/\(prefix)") }) else { return nil }
        let name = path.dropFirst(base.utf8.count + 1 + prefix.utf8.count)
        guard name.count > 7, name.dropLast(6).last == "-", !name.contains("/") else { return nil }
        return Owner(String(name.dropLast(7)))
    }

    private func deadPlaces(in container: String, _ engine: DockerEngine) async throws -> [String] {
        let script = #"for d in "$@"; do [ -d "$d" ] && [ ! -L "$d" ] && printf '%s\n' "$d"; done; true"#
        let list = Self.bases.map { "\($0)/\(Self.prefix)*+*+*" }.joined(separator: " ")
        let found = try await engine.execute(["sh", "-c", "set -- \(list); \(script)"], in: container)
        return found.output.split(separator: "\n").map(String.init).filter {
            Self.owner(of: $0)?.isDead(seenFrom: owner, isAlive: processIsAlive) ?? false
        }
    }

    private func remove(_ path: String, in container: String, _ engine: DockerEngine) async throws {
        _ = try await engine.execute(["sh", "-c", DockerFolder.removal, "sh", path], in: container, within: DockerFolder.removalMayTake)
    }

    /// A folder for files into which the engine can put some: it cannot where a tmpfs is mounted, or where nothing may be written.
    private func base(of container: String, _ engine: DockerEngine) async throws -> String {
        let facts: ContainerFacts
        do { facts = try await engine.inspectContainer(container) } catch let refusal as DockerRefusal
            where refusal.isMissing
        {
            throw missing(container, "there is no container '\(container)' on the engine at \(engine.host.address)")
        } catch let refusal as DockerRefusal { throw refusal.asFailure }
        guard facts.isCalled(container) else {
            throw missing(container, "there is no container '\(container)' on the engine at \(engine.host.address)")
        }
        guard facts.isRunning else { throw missing(container, ContainerStanding(facts).words) }
        let mounts = facts.mounts.compactMap { mount in mount["Destination"]?.string.map { (path: $0, mount: mount) } }
        let memory = (facts.hostConfiguration["Tmpfs"]?.members ?? []).map(\.key)
        let isReadOnly = facts.hostConfiguration["ReadonlyRootfs"]?.bool ?? false
        let base = Self.bases.first { base in
            func covers(_ path: String) -> Bool { path == base || base.hasPrefix(path.hasSuffix("/") ? path : path + "/") }
            guard !memory.contains(where: covers) else { return false }
            let covering = mounts.filter { covers($0.path) }.max { $0.path.utf8.count < $1.path.utf8.count }
            guard let covering else { return !isReadOnly }
            return covering.mount["Type"]?.string != "tmpfs" && covering.mount["RW"]?.bool != false
        }
        guard let base else {
            throw Failure(
                .toolMissing, "the engine can put no files into container '\(container)': its /tmp and /var/tmp are in memory or read-only",
                hint: "mount a volume there, or leave `container:` out and install PostgreSQL's programs on this machine")
        }
        return base
    }

    private func missing(_ container: String, _ why: String) -> Failure {
        Failure(
            .toolMissing, "the programs in container '\(container)' cannot be used: \(why)",
            hint: "`docker ps -a` lists the containers there are; correct `container:` of the target, or start it")
    }

    private func engine(_ container: String) async throws -> DockerEngine {
        try await connection.engine(for: "the programs in container '\(container)'")
    }

    private func speaking<Result>(of container: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let refusal as DockerRefusal {
            throw missing(container, "the container engine refused: \(refusal.message)")
        }
    }
}
