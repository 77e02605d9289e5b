/// Where a server answers and how to log in.
package struct ServerAddress: Sendable {
    package var host: String
    package var port: Int
    package var user: String?
    package var password: Secret?
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

    package var text: String { host.hasPrefix("/") ? host : "\(host):\(port)" }
}

/// How an engine's server is started for a drill; each engine brings one.
package protocol ServerRecipe: Sendable {
    var engine: EngineName { get }
    /// The server as local processes: what to write, what to run first, what to keep running.
    func processPlan(in place: ProcessPlace) throws -> ProcessPlan
    /// Returns as soon as a real login works, with who answered. Throws `Failure(.timedOut)` at the limit.
    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity
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

    package init(
        files: [(path: String, content: Secret)], preparation: [CommandSpec], server: CommandSpec, stopSignal: Int32, grace: Duration,
        address: ServerAddress
    ) {
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
    package var generation: Int
    package var expires: Timestamp
    package var servers: [(name: String, recipe: any ServerRecipe)]
    package var apps: [(name: String, recipe: AppRecipe)]
    /// How the address of a server is written for the applications that use it.
    package var connectionURL: @Sendable (EngineName, ServerAddress, String?) -> Secret

    package init(
        run: RunID, generation: Int, expires: Timestamp, servers: [(name: String, recipe: any ServerRecipe)],
        apps: [(name: String, recipe: AppRecipe)], connectionURL: @escaping @Sendable (EngineName, ServerAddress, String?) -> Secret
    ) {
        self.run = run
        self.generation = generation
        self.expires = expires
        self.servers = servers
        self.apps = apps
        self.connectionURL = connectionURL
    }
}

/// Makes disposable servers. All of them listen on addresses that the provider alone chooses.
package protocol EnvironmentProvider: Sendable {
    /// `process`, `docker`.
    var kind: String { get }
    /// How far its servers are cut off, in one sentence for the report.
    var isolation: String { get }
    /// Starts everything in parallel and waits until each server answers a login. When it throws, nothing is left.
    func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment
    /// What dead owners left behind. Runs in `spared` are left alone: they can still be resumed.
    func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover]
    func remove(_ leftover: Leftover) async throws
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
    func app(_ name: String) -> (any AppControl)?
    /// The end of a service's log, for failures.
    func log(of service: String) async -> String
    /// Ends and removes everything. May be called twice.
    func stop() async throws
}

/// What a provider says of a server it has started.
package struct StartedServer: Sendable {
    package let engine: EngineName
    package let address: ServerAddress
    package let identity: ServerIdentity

    package init(engine: EngineName, address: ServerAddress, identity: ServerIdentity) {
        self.engine = engine
        self.address = address
        self.identity = identity
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
}

package enum AppHealth: Sendable, Equatable {
    case healthy(String)
    case unhealthy(String)
    /// Nothing says how to tell.
    case unknown
}
