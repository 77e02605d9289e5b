/// Where a server answers and how to log in.
package struct ServerAddress: Sendable {
    package var host: String
    package var port: Int
    package var user: String?
    package var password: Secret?
    /// What the server itself shows where it fetches backups from.
    package var sourceKey: Secret?
    /// The database or the like that the address names, if it does.
    package var database: String?
    /// What else the engine's client wants: `sslmode`, `sslrootcert`.
    package var options: [String: String]

    package init(host: String, port: Int, user: String?, password: Secret?, database: String? = nil, options: [String: String] = [:]) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.options = options
    }

    package var secrets: [Secret] { [password, sourceKey].compactMap { $0 } }

    package var text: String { host.hasPrefix("/") ? host : "\(host):\(port)" }
}

/// How an engine's server is started for a drill; each engine brings one.
package protocol ServerRecipe: Sendable {
    var engine: EngineName { get }
    /// Throws `Failure(.toolMissing)` when this machine lacks what the server needs to run as local processes.
    func requirePrograms() async throws
    /// The server as local processes: what to write, what to run first, what to keep running.
    func processPlan(in place: ProcessPlace) async throws -> ProcessPlan
    /// The server as a container: which image, what it is told, where it listens.
    func containerPlan(in place: ContainerPlace) async throws -> ContainerPlan
    /// Returns as soon as a real login works, with who answered. Throws `Failure(.timedOut)` at the limit.
    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity
    /// Once, after the first login to a server out of an image: tells it that nothing it holds is ever needed again, so that it need
    /// not be careful.
    func settle(_ address: ServerAddress) async throws
}

extension ServerRecipe {
    package func requirePrograms() async throws {}
    package func settle(_ address: ServerAddress) async throws {}
    package func containerPlan(in place: ContainerPlace) async throws -> ContainerPlan {
        throw Failure(
            .environmentUnavailable, "\(engine) cannot run in a container yet", hint: "start the drill with --environment process")
    }
}

/// What a provider gives a server that runs as local processes.
package struct ProcessPlace: Sendable {
    /// Exists, empty, belongs to the account.
    package let folder: String
    package let port: Int
    package let password: Secret
    /// The unprivileged account the server must run as; nil when we are unprivileged ourselves.
    package let account: String?

    package init(folder: String, port: Int, password: Secret, account: String?) {
        self.folder = folder
        self.port = port
        self.password = password
        self.account = account
    }
}

package struct ProcessPlan: Sendable {
    /// Files to write first, mode 0600, owned by the account: path and content.
    package var files: [(path: String, content: Secret)]
    package var preparation: [CommandSpec]
    package var server: CommandSpec
    package var stopSignal: Int32
    package var grace: Duration
    package var address: ServerAddress
    /// The folder that the server keeps everything in, inside of its place; nil: nobody needs to know.
    package var storage: String?

    package init(
        files: [(path: String, content: Secret)], preparation: [CommandSpec], server: CommandSpec, stopSignal: Int32, grace: Duration,
        address: ServerAddress, storage: String? = nil
    ) {
        self.storage = storage
        self.files = files
        self.preparation = preparation
        self.server = server
        self.stopSignal = stopSignal
        self.grace = grace
        self.address = address
    }
}

/// Who answered.
package struct ServerIdentity: Sendable, Codable, Equatable {
    package var version: String
    package var system: String?
    package var standIn: Bool

    package init(version: String, system: String?, standIn: Bool) {
        self.version = version
        self.system = system
        self.standIn = standIn
    }
}

/// A small program that stands in for the real application in a drill. It is told where its server is by
/// `PORT`, and `UPPERCASE_NAME_URL` plus `DATABASE_URL` for the server it uses.
package struct AppRecipe: Sendable {
    package var command: CommandSpec
    package var uses: String?
    /// The database named in the address that it is told.
    package var database: String?
    /// Path of the health check on the port that the provider gives it: `/health`.
    package var healthPath: String?

    package init(command: CommandSpec, uses: String?, database: String? = nil, healthPath: String?) {
        self.command = command
        self.uses = uses
        self.database = database
        self.healthPath = healthPath
    }
}

package struct EnvironmentRequest: Sendable {
    package var run: RunID
    /// Its name, for whoever finds the servers.
    package var drill: String
    package var generation: Int
    package var expires: Timestamp
    /// How long its servers stay after the drill's end, for somebody to look around; nil: not at all.
    package var keep: Duration?
    package var servers: [(name: String, recipe: any ServerRecipe)]
    package var apps: [(name: String, recipe: AppRecipe)]
    /// Servers of it that can be stopped and started like applications, and the names that they have as such.
    package var stoppable: [(app: String, server: String)]
    /// How the address of a server is written for the applications that use it.
    package var connectionURL: @Sendable (EngineName, ServerAddress, String?) -> Secret

    package init(
        run: RunID, drill: String = "", generation: Int, expires: Timestamp, keep: Duration? = nil,
        servers: [(name: String, recipe: any ServerRecipe)], apps: [(name: String, recipe: AppRecipe)],
        stoppable: [(app: String, server: String)] = [],
        connectionURL: @escaping @Sendable (EngineName, ServerAddress, String?) -> Secret
    ) {
        self.stoppable = stoppable
        self.run = run
        self.drill = drill
        self.generation = generation
        self.expires = expires
        self.keep = keep
        self.servers = servers
        self.apps = apps
        self.connectionURL = connectionURL
    }

    package var isKept: Bool { keep != nil }
}

/// Makes disposable servers. All of them listen on addresses that the provider alone chooses.
package protocol EnvironmentProvider: Sendable {
    /// `process`, `docker`.
    var kind: String { get }
    /// How far its servers are cut off, in one sentence for the report.
    var isolation: String { get }
    /// Whether its servers can stay when the drill has ended, for somebody to look around.
    var canKeepServers: Bool { get }
    /// Whether a runbook can stop a server of it and start it again, with its storage folder within our reach meanwhile.
    var canStopServers: Bool { get }
    /// Before anything is begun: that what these servers need is at hand (programs, images), fetching what can be fetched.
    func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws
    /// Starts everything in parallel and waits until each server answers a login. When it throws, nothing is left, or what it throws is
    /// `LeftBehind`.
    func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment
    /// The servers of a generation whose process is dead, if all of them still live; its applications are started anew. Otherwise nil, and
    /// nothing of that generation is left.
    func adopt(_ request: EnvironmentRequest) async throws -> (any RunningEnvironment)?
    /// Whether all servers of a generation whose process is dead still run: `adopt` will need nothing that `prepare` gets.
    func lives(_ request: EnvironmentRequest) async throws -> Bool
    /// Removes what there is of a generation whose process died while it started it.
    func clear(_ request: EnvironmentRequest) async throws
    /// What dead owners left behind. Runs in `spared` are left alone: they can still be resumed.
    func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover]
    func remove(_ leftover: Leftover) async throws
}

extension EnvironmentProvider {
    package var canKeepServers: Bool { false }
    package var canStopServers: Bool { false }
    /// Servers that end with the process that started them cannot be adopted.
    package func adopt(_ request: EnvironmentRequest) async throws -> (any RunningEnvironment)? { nil }
    package func lives(_ request: EnvironmentRequest) async throws -> Bool { false }
    package func clear(_ request: EnvironmentRequest) async throws {}
}

/// An environment did not come to be, and something of it could not be removed again.
package struct LeftBehind: Error {
    /// Why it did not.
    package let why: any Error
    package let leaving: Failure

    package init(why: any Error, leaving: Failure) {
        self.why = why
        self.leaving = leaving
    }
}

package struct Leftover: Sendable, Hashable {
    package let kind: String
    package let name: String
    package let run: RunID?
    package let words: String

    package init(kind: String, name: String, run: RunID?, words: String) {
        self.kind = kind
        self.name = name
        self.run = run
        self.words = words
    }
}

package protocol RunningEnvironment: Sendable {
    var servers: [String: StartedServer] { get }
    /// How far its servers are cut off, as measured; nil where nothing was measured and what the provider says stands.
    var isolation: String? { get }
    func app(_ name: String) -> (any AppControl)?
    /// The end of a service's log, for failures.
    func log(of service: String) async -> String
    /// Servers that ended by themselves, with the reason: what failed because of that says nothing about the backup.
    func deaths() async -> [Failure]
    /// What its servers may take of their disk.
    var diskLimits: DiskLimits { get }
    /// What they have taken of it; nil where that cannot be told.
    func diskUse() async -> DiskUse?
    /// Of servers that are kept: the commands that lead into them.
    var waysIn: [String] { get }
    /// Ends and removes everything. May be called twice.
    func stop() async throws
}

extension RunningEnvironment {
    package var isolation: String? { nil }
    package func deaths() async -> [Failure] { [] }
    package var diskLimits: DiskLimits { DiskLimits() }
    package func diskUse() async -> DiskUse? { nil }
    package var waysIn: [String] { [] }
}

/// What a provider says of a server it has started.
package struct StartedServer: Sendable {
    package let engine: EngineName
    package let address: ServerAddress
    package let identity: ServerIdentity
    /// Of a container: the image it runs, with its digest.
    package let image: String?
    /// The container it is, as the engine names it; nil for a process.
    package let container: String?
    /// The folder on this machine that it keeps everything in; nil where that is out of reach.
    package let storage: String?

    package init(
        engine: EngineName, address: ServerAddress, identity: ServerIdentity, image: String? = nil, container: String? = nil,
        storage: String? = nil
    ) {
        self.storage = storage
        self.container = container
        self.engine = engine
        self.address = address
        self.identity = identity
        self.image = image
    }
}

/// An application that a runbook stops and starts.
package protocol AppControl: Sendable {
    var name: String { get }
    /// Asks it to stop and waits until it has; verified by `isRunning`.
    func stop() async throws
    func start() async throws
    /// Nil when it cannot be told.
    func isRunning() async throws -> Bool?
    /// Healthy, or why not.
    func health() async throws -> AppHealth
    /// What a report says of it once it has stopped.
    func remarksWhenStopped() async throws -> [String]
}

extension AppControl {
    package func remarksWhenStopped() async throws -> [String] { ["'\(name)' no longer answers"] }
}

package enum AppHealth: Sendable, Equatable {
    case healthy(String)
    /// It runs, and nothing there is says more.
    case running(String)
    case unhealthy(String)
    /// Nothing says how to tell.
    case unknown
}
