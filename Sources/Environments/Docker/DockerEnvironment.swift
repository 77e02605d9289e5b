import Bindings
import Recovery

/// Disposable servers as containers: confined, on a network of their own, and recognised by their labels when somebody has to clean up
/// after us.
package struct DockerEnvironment: EnvironmentProvider {
    package struct Settings: Sendable {
        /// Ours: which engine is meant, and logins to registries, stand in there as for the `docker` command.
        package var environment: [String: String]
        package var pull: PullPolicy
        /// Where the images of Docker Hub come from instead: `mirror.local:5000/hub`.
        package var registry: String?
        /// Refuse to go on where the servers can reach the machine that they run on.
        package var requiresSealing: Bool
        package var limits: ContainerLimits
        /// Where the journals of our runs are; absolute. What the runs of another state folder have left is theirs to resume.
        package var state: String
        /// How long a server may take from its start to the first login.
        package var readyWithin: Duration
        package var disk: DiskLimits

        package init(
            environment: [String: String], pull: PullPolicy = .missing, registry: String? = nil, requiresSealing: Bool = false,
            limits: ContainerLimits = ContainerLimits(), readyWithin: Duration = .seconds(60), disk: DiskLimits = DiskLimits(),
            state: String = ""
        ) {
            self.state = state
            self.disk = disk
            self.environment = environment
            self.pull = pull
            self.registry = registry
            self.requiresSealing = requiresSealing
            self.limits = limits
            self.readyWithin = readyWithin
        }
    }

    package let kind = "docker"
    package let isolation = "containers without privileges on a network of their own"
    package let canKeepServers = true

    let settings: Settings
    let owner: Owner
    let apps: StandInApps
    let digests: any Digesting
    let time: any TimeSource
    let commands: any CommandRunner
    let say: @Sendable (String) -> Void
    let connection: DockerConnection

    /// - Parameters:
    ///   - owner: us; what we leave behind is recognised by it.
    ///   - processes: how the stand-ins of applications run.
    ///   - say: takes lines about the progress of pulling.
    package init(
        _ settings: Settings, owner: Owner, processes: ProcessEnvironment.Settings, child: ChildEnvironment, web: any WebCaller,
        digests: any Digesting, time: any TimeSource, commands: any CommandRunner, say: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.owner = owner
        self.digests = digests
        self.time = time
        self.commands = commands
        self.say = say
        apps = StandInApps(
            owner: owner, environment: child, web: web, time: time, ports: Ports(),
            work: WorkFolder(path: processes.workFolder, digests: digests))
        connection = DockerConnection(settings.environment)
    }

    /// What the engine says of itself: `Docker 20.10.24 at unix:///var/run/docker.sock`. Throws `Failure` when there is none that answers.
    package func engineName() async throws -> String {
        let engine = try await connection.engine()
        return "\(try await dockerFailures { try await engine.version() }.name) at \(engine.host.address)"
    }

    package func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {
        for server in servers { _ = try await image(of: server.recipe, on: try await connection.engine()) }
    }

    package func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment {
        let engine = try await connection.engine()
        let way = try await dockerFailures { try await DockerWay.best(engine, hostName: Machine.hostName) }
        do { return try await start(request, way, engine) } catch is ContainerDoor.NoWayIn {
        } catch let left as LeftBehind where left.why is ContainerDoor.NoWayIn {
            // It goes with what is started now.
        }
        if DockerWay.isInContainer {
            say(
                "lifeboat runs in a container that the engine at \(engine.host.address) does not know, so it cannot join the drill's "
                    + "network; ports of this machine are tried, which only --network host lets it reach")
        }
        return try await start(request, .published(on: "127.0.0.1", at: "127.0.0.1"), engine)
    }

    package func adopt(_ request: EnvironmentRequest) async throws -> (any RunningEnvironment)? {
        let engine = try await connection.engine()
        return try await adopt(request, try await dockerFailures { try await DockerWay.best(engine, hostName: Machine.hostName) }, engine)
    }

    package func lives(_ request: EnvironmentRequest) async throws -> Bool {
        let engine = try await connection.engine()
        let way = try await dockerFailures { try await DockerWay.best(engine, hostName: Machine.hostName) }
        return try await DrillAdoption(request: request, engine: engine, way: way, limits: settings.limits, time: time).allRun()
    }

    package func clear(_ request: EnvironmentRequest) async throws {
        try await DrillRemains(engine: try await connection.engine(), time: time).remove(labels(request))
    }

    private func labels(_ request: EnvironmentRequest) -> DockerLabels { DockerLabels(request, owner: owner, state: settings.state) }

    package func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] {
        guard let engine = try await connection.engineIfThere() else { return [] }
        let now = time.now
        return DockerLabels.read(try await things(engine)).filter { isLeft($0.labels, sparing: spared, now) }.map(leftover)
    }

    /// What was kept for somebody to look around and has not expired. What a run still needs that can be resumed is not meant.
    package func kept(sparing spared: Set<RunID>) async throws -> [Leftover] {
        guard let engine = try await connection.engineIfThere() else { return [] }
        let now = time.now
        return DockerLabels.read(try await things(engine)).filter {
            $0.labels.expires >= now && isOver($0.labels) && !spared.contains($0.labels.run)
        }.map(leftover)
    }

    package func remove(kept leftover: Leftover) async throws { try await remove(leftover) { isOver($0) } }

    private func leftover(_ thing: DockerThing, _ labels: DockerLabels) -> Leftover {
        Leftover(
            kind: thing.kind.rawValue, name: thing.name, run: labels.run,
            words: "\(thing.kind) \(thing.name) of run \(labels.run), "
                + (labels.isKept ? "kept until \(labels.expires)" : "left by process \(labels.owner.pid) on \(labels.owner.host)"))
    }

    private func things(_ engine: DockerEngine) async throws -> [DockerThing] {
        try await dockerFailures { try await engine.things(labelled: "\(DockerLabels.managed)=true") }
    }

    /// Whether the drill that something was kept of has ended: it says so itself, or its process is dead and nobody can go on with it.
    private func isOver(_ labels: DockerLabels) -> Bool {
        labels.isKept && (labels.isOver || (isDead(labels.owner) && !mayBeResumedElsewhere(labels)))
    }

    private func isDead(_ other: Owner) -> Bool { other.isDead(seenFrom: owner, isAlive: processIsAlive) }

    package func remove(_ leftover: Leftover) async throws {
        try await remove(leftover) { isLeft($0, sparing: [], time.now) }
    }

    private func remove(_ leftover: Leftover, if isNobodys: (DockerLabels) -> Bool) async throws {
        guard let kind = DockerThing.Kind(rawValue: leftover.kind) else {
            throw Failure(.bug, "'\(leftover.name)' is a \(leftover.kind), which containers do not leave behind")
        }
        let engine = try await connection.engine()
        // Looked at again: between the listing and now it may be gone, or its name in use by somebody alive.
        let things = try await things(engine)
        guard let thing = things.first(where: { $0.kind == kind && $0.name == leftover.name }) else { return }
        guard let labels = DockerLabels.read(things).first(where: { $0.thing == thing })?.labels, isNobodys(labels) else {
            throw Failure(.refused, "the \(kind) \(thing.name) is needed by somebody who is alive")
        }
        try await dockerFailures { try await engine.remove(thing) }
    }

    /// Whether nobody needs it any more. Of whom we cannot see we cannot tell who is alive: there only the expiry counts.
    private func isLeft(_ labels: DockerLabels, sparing spared: Set<RunID>, _ now: Timestamp) -> Bool {
        guard !spared.contains(labels.run) else { return false }
        let isOver = labels.isOver || isDead(labels.owner)
        guard labels.expires >= now else { return isOver || !labels.owner.canBeSeen(from: owner) }
        return isOver && !labels.isKept && !mayBeResumedElsewhere(labels)
    }

    /// Whether another state folder of this machine has its run. Only who reads that can tell whether the run is over; and one that was
    /// resumed uses what still bears the labels of the dead.
    private func mayBeResumedElsewhere(_ labels: DockerLabels) -> Bool {
        guard !labels.state.isEmpty, labels.state != settings.state else { return false }
        do { return try Files.status(of: labels.state) != nil } catch { return true }
    }
}

extension DockerEnvironment {
    func start(_ request: EnvironmentRequest, _ way: DockerWay, _ engine: DockerEngine) async throws -> DockerServers {
        try requireOnlyOurs(way)
        let labels = self.labels(request)
        do {
            let network = try await dockerFailures { try await DrillNetwork.create(labels, way, digests, on: engine) }
            let running = try await startServers(request, labels, network, way, engine)
            let isolation = try await measured(running, network, way, engine)
            return try await servers(running, request, isolation, engine)
        } catch { throw await cleared(labels, on: engine, because: error) }
    }

    func adopt(_ request: EnvironmentRequest, _ way: DockerWay, _ engine: DockerEngine) async throws -> DockerServers? {
        let labels = self.labels(request)
        do {
            try requireOnlyOurs(way)
            let adoption = DrillAdoption(request: request, engine: engine, way: way, limits: settings.limits, time: time)
            if let (running, network) = try await adoption.running() {
                let isolation = try await measured(running, network, way, engine)
                return try await servers(running, request, isolation, engine)
            }
        } catch { throw await cleared(labels, on: engine, because: error) }
        try await DrillRemains(engine: engine, time: time).remove(labels)
        return nil
    }

    /// Nobody else reaches the servers, where that is required. Throws `Failure(.environmentUnavailable)`.
    private func requireOnlyOurs(_ way: DockerWay) throws {
        guard settings.requiresSealing, let remark = way.remark else { return }
        throw Failure(
            .environmentUnavailable, "`isolation: required` forbids a drill on this engine: \(remark)",
            hint: "run lifeboat on the machine of the engine, as root, or in a container of that engine")
    }

    /// With the stand-ins beside them, which are started now.
    private func servers(
        _ running: [RunningContainer], _ request: EnvironmentRequest, _ isolation: String, _ engine: DockerEngine
    ) async throws -> DockerServers {
        let started = Dictionary(running.map { ($0.name, $0.started) }, uniquingKeysWith: { first, _ in first })
        if !request.apps.isEmpty { try await apps.work.prepare() }
        return DockerServers(
            running, apps: try await apps.start(request, beside: started), isolation: isolation, labels: labels(request),
            keep: request.keep, limits: settings.limits, diskLimits: settings.disk, engine: engine, time: time)
    }

    /// What is to be thrown once nothing is left, or with what is.
    private func cleared(_ labels: DockerLabels, on engine: DockerEngine, because error: any Error) async -> any Error {
        await uncancelled {
            do {
                try await DrillRemains(engine: engine, time: time).remove(labels)
                return error
            } catch let trouble { return LeftBehind(why: error, leaving: Failure.wrapping(trouble, while: "cleaning up")) }
        }
    }

    /// All at once. The failure thrown is the first that happened; what was started stays for the clean-up.
    private func startServers(
        _ request: EnvironmentRequest, _ labels: DockerLabels, _ network: DrillNetwork, _ way: DockerWay, _ engine: DockerEngine
    ) async throws -> [RunningContainer] {
        var running: [RunningContainer] = []
        try await withThrowingTaskGroup(of: RunningContainer.self) { group in
            for (name, recipe) in request.servers {
                group.addTask {
                    let image = try await image(of: recipe, on: engine)
                    return try await ContainerStart(
                        name: name, recipe: recipe, engine: engine, image: image, network: network, way: way, labels: labels,
                        limits: settings.limits, digests: digests, time: time, readyWithin: settings.readyWithin)()
                }
            }
            for try await server in group { running.append(server) }
        }
        return running
    }

    /// How far the servers are cut off, in words. Throws `Failure(.environmentUnavailable)` when that is not far enough.
    private func measured(
        _ running: [RunningContainer], _ network: DrillNetwork, _ way: DockerWay, _ engine: DockerEngine
    ) async throws -> String {
        guard let first = running.first else { return isolation }
        var findings = running.compactMap(\.findings).min { IsolationLevel($0) < IsolationLevel($1) } ?? IsolationProbe.Findings()
        if running.contains(where: { $0.findings == nil }) {
            let facts = try await dockerFailures { try await engine.inspectContainer(first.id) }
            findings = try await IsolationProbe(engine: engine, container: facts, network: network, way: way, port: first.port).findings()
        }
        let level = IsolationLevel(findings)
        let leaks = IsolationLevel.leaks(findings)
        if !leaks.isEmpty || (settings.requiresSealing && level < .sealed) {
            let problem =
                if !leaks.isEmpty { "the drill's servers could reach \(leaks), and what is restored must not" } else {
                    level == .machine && findings.machine == true
                        ? "the drill's servers could reach this machine, and `isolation: required` forbids it"
                        : "how far the drill's servers are cut off could not be found out, and `isolation: required` wants to know it: "
                            + level.words(findings)
                }
            throw Failure(
                .environmentUnavailable, problem,
                hint: "run the drill as root on the machine of a container engine that knows networks without an address "
                    + "(Docker 20.10 or later), or in a container of that engine")
        }
        return "\(isolation); measured from inside: \(level.words(findings))" + (way.remark.map { "; \($0)" } ?? "")
    }
}
