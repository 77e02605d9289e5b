import Bindings
import Documents
import Engines
import Environments
import FoundationEssentials
import Outlets
import Recovery
import Stores

/// The composition root: the only place that names concrete types.
struct Services: Sendable {
    let environment: [String: String]
    let configuration: ConfigurationFile?
    /// Why there is none though there is a file.
    let configurationTrouble: (any Error)?
    let interruption: Interruption
    let progress: TerminalProgress
    let time = SystemTime()
    let digests = CryptoDigests()
    let inventories = InventoryFiles()
    let people = TerminalPeople()
    let commands: ChildCommands
    let web: WebCalls
    let appContainers: DockerAppContainers
    let toolContainers: DockerToolContainers
    let secrets: Secrets
    let engines: [EngineName: any Engine]
    /// Folders that are searched for database tools before PATH.
    let toolFolders: [String]
    let registry: StepRegistry
    let host: HostFacts
    /// `--environment` of this call.
    var environmentOption: String?
    let folders: RunFolderStore
    let owner: Owner

    /// - Parameter bearingMistakes: goes on without the configuration when that has mistakes; `requiredConfiguration` still throws them.
    init(
        configuration path: String?, environment: [String: String], interruption: Interruption, progress: TerminalProgress,
        bearingMistakes: Bool = false
    ) throws {
        self.environment = environment
        self.interruption = interruption
        self.progress = progress
        commands = ChildCommands(environment: ChildEnvironment(from: environment))
        web = WebCalls()
        appContainers = DockerAppContainers(environment: environment)
        secrets = Secrets(environment: environment, commands: commands)
        host = Self.hostFacts(environment)
        owner = Owner(host)
        // The names of engines are needed to read the configuration, and its tools to make them.
        toolContainers = DockerToolContainers(environment: environment, owner: owner, time: time)
        let parts = { [commands, time, host, toolContainers] (folders: [String], containers: [String: String]) in
            EngineParts(
                commands: commands, time: time, toolFolders: folders, path: environment["PATH"] ?? "",
                sessionName: "lifeboat \(host.host) \(host.pid)", containers: toolContainers, toolContainers: containers)
        }
        do {
            configuration = try ConfigurationFile.find(
                option: path, environment: environment, digests: digests, engines: AllEngines.list(parts([], [:])).map(\.name.text))
            configurationTrouble = nil
        } catch {
            guard bearingMistakes else { throw error }
            configuration = nil
            configurationTrouble = error
        }
        toolFolders = (configuration?.document.tools ?? []) + (environment["LIFEBOAT_TOOLS"] ?? "").split(separator: ":").map(String.init)
        let containers = (configuration?.document.targets.entries ?? []).compactMap { entry in
            entry.value.container.map { (entry.key.text, $0.text) }
        }
        let list = AllEngines.list(parts(toolFolders, Dictionary(containers) { first, _ in first }))
        engines = Dictionary(list.map { ($0.name, $0) }) { first, _ in first }
        registry = StepRegistry(engines: list)
        let state = try Self.stateFolder(environment, configuration?.document.state)
        folders = RunFolderStore(
            stateFolder: state, setting: "`state:` in the configuration (or $LIFEBOAT_STATE)", owner: owner, time: time)
    }

    private static func hostFacts(_ environment: [String: String]) -> HostFacts {
        HostFacts(
            host: Machine.hostName, system: Machine.description, operatorName: UserAccount.current.name,
            sudoOrigin: environment["SUDO_USER"],
            pid: ThisProcess.pid, processStart: ThisProcess.startTime, boot: Machine.bootID, lifeboatVersion: VersionCommand.version,
            processNamespace: ThisProcess.namespace)
    }

    /// `$LIFEBOAT_STATE`, the configuration, systemd's `$STATE_DIRECTORY`, `/var/lib/lifeboat` for root, XDG for everybody else.
    private static func stateFolder(_ environment: [String: String], _ configured: String?) throws -> String {
        for folder in [environment["LIFEBOAT_STATE"], configured, environment["STATE_DIRECTORY"]] {
            if let folder, !folder.isEmpty { return folder }
        }
        if UserAccount.current.uid == 0 { return "/var/lib/lifeboat" }
        if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") { return "\(base)/lifeboat" }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw Failure(.configuration, "there is no place for journals: neither `state:` nor $HOME is set", hint: "set $LIFEBOAT_STATE")
        }
        return "\(home)/.local/state/lifeboat"
    }
}
