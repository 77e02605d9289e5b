/// Everything outside that a run or drill needs, put together once at the composition root.
package struct World: Sendable {
    package var engines: [EngineName: any Engine]
    package var registry: StepRegistry
    package var time: any TimeSource
    package var digests: any Digesting
    package var inventories: any InventoryOpening
    package var commands: any CommandRunner
    package var web: any WebCaller
    package var appContainers: any AppContainers
    package var people: any People
    package var progress: any Progress
    package var interruption: Interruption
    package var host: HostFacts
    package var folders: any RunFolders
    /// A store on a local folder, which is made for it, for copies that die with their run. Throws `Failure(.localStorage)`.
    package var localStore: @Sendable (_ name: String, _ folder: String) async throws -> any Store
    /// Bytes and file name of a report in this format.
    package var render: @Sendable (_ result: RunResult, _ format: ReportWord) throws -> (name: String, bytes: [UInt8])
    /// Sends a notice; throws `Failure`.
    package var notify: @Sendable (_ alert: AlertBinding, _ standing: RunResult, _ words: String?) async throws -> Void

    package init(
        engines: [EngineName: any Engine], registry: StepRegistry, time: any TimeSource, digests: any Digesting,
        inventories: any InventoryOpening, commands: any CommandRunner, web: any WebCaller, appContainers: any AppContainers,
        people: any People, progress: any Progress,
        interruption: Interruption, host: HostFacts, folders: any RunFolders,
        localStore: @escaping @Sendable (_ name: String, _ folder: String) async throws -> any Store,
        render: @escaping @Sendable (_ result: RunResult, _ format: ReportWord) throws -> (name: String, bytes: [UInt8]),
        notify: @escaping @Sendable (_ alert: AlertBinding, _ standing: RunResult, _ words: String?) async throws -> Void
    ) {
        self.engines = engines
        self.registry = registry
        self.time = time
        self.digests = digests
        self.inventories = inventories
        self.commands = commands
        self.web = web
        self.appContainers = appContainers
        self.people = people
        self.progress = progress
        self.interruption = interruption
        self.host = host
        self.folders = folders
        self.localStore = localStore
        self.render = render
        self.notify = notify
    }

    package func engine(_ name: EngineName) throws -> any Engine {
        guard let engine = engines[name] else { throw Failure(.configuration, "there is no engine '\(name)'") }
        return engine
    }
}
