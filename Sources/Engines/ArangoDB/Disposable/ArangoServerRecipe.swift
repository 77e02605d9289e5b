import Bindings
import Recovery

/// An ArangoDB server for one drill, gone with it.
struct ArangoServerRecipe: ServerRecipe {
    let http: HTTPClient
    let commands: any CommandRunner
    /// Folders in which the stand-in's program may be: only there, since nobody wants it by accident.
    let folders: [String]
    /// The one it should be; nil: any.
    let version: ArangoVersion?
    let image: String?
    /// Servers before 4.0 make vector indexes only when they are told to, and pass over them without a word otherwise (contract 6).
    var needsVectors = false

    var engine: EngineName { .arangodb }

    static let standIn = "arangodb-standin"
    static let image = "arangodb"
    private static let terminate: Int32 = 15
    private static let passwordVariable = "ARANGO_ROOT_PASSWORD"

    func requirePrograms() async throws { _ = try program() }

    private func program() throws -> String {
        for folder in folders {
            if let found = commands.find("\(folder)/\(Self.standIn)") { return found }
        }
        throw Failure(
            .toolMissing, "ArangoDB runs in containers only, and there is no stand-in for it here",
            hint: "run the drill in containers: --environment docker")
    }

    func processPlan(in place: ProcessPlace) async throws -> ProcessPlan {
        var arguments = ["--server.endpoint", "tcp://127.0.0.1:\(place.port)", "--database.directory", "\(place.folder)/data"]
        if let version, let kind = Self.imitated(for: version) { arguments += ["--standin.version", kind] }
        let server = CommandSpec(
            try program(), arguments, environment: ["ARANGODB_DEFAULT_ROOT_PASSWORD": place.password.reveal { $0 }],
            folder: place.folder, account: place.account, logFile: "\(place.folder)/server.log")
        return ProcessPlan(
            files: [], preparation: [], server: server, stopSignal: Self.terminate, grace: .seconds(5),
            address: ServerAddress(
                host: "127.0.0.1", port: place.port, user: "root", password: place.password, options: [ArangoServer.Option.scheme: "http"]),
            storage: "\(place.folder)/data")
    }

    /// Of those that the stand-in knows, the one that is no older.
    private static func imitated(for version: ArangoVersion) -> String? {
        switch (version.major, version.minor) {
        case (3, ...10): "3.10.14"
        case (3, 11): "3.11.11"
        default: "3.12.5"
        }
    }

    func containerPlan(in place: ContainerPlace) async throws -> ContainerPlan {
        ContainerPlan(
            image: try imageName(), command: vectorCommand, environment: [Self.passwordVariable: place.password],
            passwordVariable: Self.passwordVariable,
            port: 8529, capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"], sharedMemory: 64 << 20,
            login: ServerAddress(
                host: "", port: 0, user: "root", password: place.password, options: [ArangoServer.Option.scheme: "http"]))
    }

    private var vectorCommand: [String]? {
        guard needsVectors, let version, version < ArangoVersion(4, 0) else { return nil }
        let isEarly = (version.minor, version.patch) < (12, 6)
        return ["arangod", isEarly ? "--experimental-vector-index" : "--vector-index", "true"]
    }

    /// The tag `from-backup` stands for the version, and so does no image at all.
    private func imageName() throws -> String {
        guard let image else { return "\(Self.image):\(version?.numbers ?? "latest")" }
        guard image.hasSuffix(":from-backup") else { return image }
        guard let version else {
            throw Failure(.document, "image '\(image)' takes its version from the backup, and there is none", hint: "write a version")
        }
        return String(image.dropLast("from-backup".count)) + version.numbers
    }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        let client = ArangoClient(ArangoServer("server", at: address), http: http, time: time)
        let end = time.uptime + limit
        var last: Failure?
        while time.uptime < end {
            do {
                let ready = try await client.ready()
                return ServerIdentity(
                    version: ready.version.description, system: try await client.systemIdentifier(), standIn: ready.isStandIn)
            } catch let failure as Failure where failure.isWorthRetrying {
                last = failure
            }
            try await time.sleep(for: .milliseconds(10))
        }
        throw Failure(
            .timedOut, "the ArangoDB server at \(address.text) was not ready within \(Int(limit.inSeconds)) s",
            hint: "its log says what it is doing; a slow disk or a port that something else listens on are the usual reasons", cause: last)
    }
}
