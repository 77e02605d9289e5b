import Documents
import Environments
import Outlets
import Recovery
import Stores

/// Where disposable servers come from.
extension Services {
    var processes: ProcessEnvironment {
        ProcessEnvironment(
            processSettings, owner: owner, environment: ChildEnvironment(from: environment), web: web, digests: digests, time: time)
    }

    var containers: DockerEnvironment {
        let document = servers.docker
        return DockerEnvironment(
            DockerEnvironment.Settings(
                environment: environment, pull: PullPolicy(document.pull), registry: document.registry ?? environment["LIFEBOAT_REGISTRY"],
                requiresSealing: document.isolation == .required,
                limits: ContainerLimits(
                    memory: document.memory.bytes, processors: document.processors, processes: Int64(document.processes)),
                readyWithin: servers.readyWithin, disk: servers.disk, state: folders.stateFolder), owner: owner, processes: processSettings,
            child: ChildEnvironment(from: environment),
            web: web, digests: digests, time: time, commands: commands,
            say: { [progress] in progress.say(.detail($0)) })
    }

    /// All servers that these drills would start.
    func servers(of drills: [String]) async throws -> [(name: String, recipe: any ServerRecipe)] {
        var servers: [(name: String, recipe: any ServerRecipe)] = []
        for drill in try drills.map({ try drill(at: $0) }) { servers += try await conductor(of: drill, .init()).servers() }
        return servers
    }

    /// Best first: what `--environment`, `$LIFEBOAT_ENVIRONMENT` or the configuration ask for.
    var environments: EnvironmentChoice {
        get throws {
            switch try environmentWord() {
            case .process: EnvironmentChoice([processes])
            case .docker: EnvironmentChoice([containers])
            // What was asked to be sealed is not put where it reaches whatever we reach.
            case .auto where servers.docker.isolation == .required:
                EnvironmentChoice(
                    [containers],
                    ruledOut: "not as processes of this machine: they reach whatever it reaches, and `isolation: required` forbids that")
            case .auto: EnvironmentChoice([containers, processes])
            }
        }
    }

    /// Whatever was asked for: for cleaning up, and for going on with what was begun.
    var allEnvironments: [any EnvironmentProvider] { [processes, containers] }

    func environmentWord() throws -> EnvironmentWord {
        for (named, origin) in [(environmentOption, "--environment"), (environment["LIFEBOAT_ENVIRONMENT"], "$LIFEBOAT_ENVIRONMENT")] {
            guard let named, !named.isEmpty else { continue }
            do { return try EnvironmentWord(scalar: named) } catch {
                throw Failure(.usage, "\(origin): \(error.problem)", hint: error.hint)
            }
        }
        return servers.environment
    }

    /// All that is said of servers, for a child that is to make them as we would, but for the kind.
    func serversDocument(environment kind: String) -> String { servers.text(environment: kind, folder: serversFolder) }

    private var servers: DrillServersDocument { configuration?.document.servers ?? .standard }

    /// `$LIFEBOAT_SERVERS`, or the configuration's.
    private var serversFolder: String? {
        if let folder = environment["LIFEBOAT_SERVERS"], !folder.isEmpty { return folder }
        guard let configuration, let folder = servers.folder else { return nil }
        return configuration.source.resolve(folder)
    }

    private var processSettings: ProcessEnvironment.Settings {
        var settings = ProcessEnvironment.Settings.standard(temporary: environment["TMPDIR"] ?? "/tmp")
        settings.readyWithin = servers.readyWithin
        settings.disk = servers.disk
        if let folder = serversFolder { settings.workFolder = folder }
        return settings
    }
}

extension PullPolicy {
    init(_ word: DockerDocument.Pull) {
        switch word {
        case .missing: self = .missing
        case .always: self = .always
        case .never: self = .never
        }
    }
}
