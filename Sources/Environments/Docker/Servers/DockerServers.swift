import Recovery

/// The containers of one drill, running, and the stand-ins beside them.
struct DockerServers: RunningEnvironment {
    let servers: [String: StartedServer]
    let isolation: String?
    private let apps: [String: ProcessApp]
    private let running: [RunningContainer]
    private let engine: DockerEngine
    private let labels: DockerLabels
    private let limits: ContainerLimits
    let diskLimits: DiskLimits
    private let keep: Duration?
    private let time: any TimeSource

    init(
        _ running: [RunningContainer], apps: [String: ProcessApp], isolation: String?, labels: DockerLabels, keep: Duration?,
        limits: ContainerLimits, diskLimits: DiskLimits, engine: DockerEngine, time: any TimeSource
    ) {
        self.keep = keep
        self.time = time
        self.limits = limits
        self.diskLimits = diskLimits
        self.running = running
        self.apps = apps
        self.isolation = isolation
        self.labels = labels
        self.engine = engine
        servers = Dictionary(running.map { ($0.name, $0.started) }, uniquingKeysWith: { first, _ in first })
    }

    func app(_ name: String) -> (any AppControl)? { apps[name] }

    func log(of service: String) async -> String {
        if let app = apps[service] { return await app.log() }
        return await running.first { $0.name == service }?.log.end() ?? ""
    }

    func deaths() async -> [Failure] {
        var deaths: [Failure] = []
        for server in running {
            let facts: ContainerFacts
            do { facts = try await engine.inspectContainer(server.id) } catch let refusal as DockerRefusal where refusal.isMissing {
                deaths.append(
                    Failure(.environmentUnavailable, "the container of server '\(server.name)' is gone", hint: "somebody has removed it")
                        .passing)
                continue
            } catch {
                deaths.append(Failure.wrapping(error, while: "looking at server '\(server.name)'"))
                continue
            }
            guard !facts.isRunning else {
                if let kills = await ContainerMemory(container: server.id, engine: engine).kills(), kills > 0 {
                    deaths.append(
                        Failure(
                            .environmentUnavailable,
                            "server '\(server.name)' ran short of memory during the drill: its processes used more than their "
                                + "\(limits.memory >> 20) MiB, and the kernel killed \(kills) of them", hint: ContainerEnd.moreMemory))
                }
                continue
            }
            let end = ContainerEnd(facts, limits)
            let death = Failure(
                .environmentUnavailable, "server '\(server.name)' ended during the drill: \(end.words)",
                hint: end.hint ?? "the end of its log says why")
            deaths.append(end.cameFromOutside ? death.passing : death)
        }
        return deaths
    }

    func diskUse() async -> DiskUse? {
        let uses = await withTaskGroup(of: DiskUse?.self, returning: [DiskUse?].self) { group in
            for server in running {
                group.addTask { await ContainerDisk(container: server.id, folders: server.folders, engine: engine).use() }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let known = uses.compactMap(\.self)
        guard known.count == uses.count else { return nil }
        return DiskUse(usedBytes: known.map(\.usedBytes).reduce(0, +), freeBytes: known.compactMap(\.freeBytes).min())
    }

    var waysIn: [String] {
        guard let keep else { return [] }
        let end = time.now.advanced(bySeconds: keep.inSeconds)
        return running.sorted { $0.name < $1.name }.map {
            "server '\($0.name)' is kept until \(end): docker exec -it \($0.id.prefix(12)) sh; `lifeboat sweep --kept` removes it"
        }
    }

    func stop() async throws {
        // First who uses the servers, so that they end without complaints.
        await StandInApps.stop(apps)
        guard let keep else { return try await DrillRemains(engine: engine, time: time).remove(labels) }
        var over = labels
        over.isOver = true
        over.expires = time.now.advanced(bySeconds: keep.inSeconds)
        let mark = over
        try await Infrastructure.trying(time) {
            try await dockerFailures {
                try await engine.createVolume(named: "lifeboat-\(mark.run)-\(mark.generation)-over", labels: mark.json(for: ""))
            }
        }
    }
}
