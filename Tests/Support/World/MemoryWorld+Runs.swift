import Bindings
import Documents
import Recovery

/// Runs on configured targets: `app-db` is production, `copy-db` is staging, and both run for the application `shop`.
extension MemoryWorld {
    /// A world in which production holds rows that are not those of the backup, and the application runs.
    package static func real(holding rows: [Int] = [9, 9]) async throws -> MemoryWorld {
        let world = MemoryWorld()
        let folders = world.folders
        for host in ["prod", "copy"] {
            world.machines[host] = MemoryServer(holding: ["app": rows], system: "\(host)-system", faults: world.faults) {
                try folders.live()
            }
        }
        world.apps.somebodyStarts("shop")
        _ = try await world.putBackup(source: productionSource)
        return world
    }

    package static let productionSource = SourceIdentity(
        engine: MemoryEngine.engineName, address: "prod:1", system: "prod-system", database: nil)

    package var production: MemoryServer { machines["prod"] ?? MemoryServer() }
    package var copy: MemoryServer { machines["copy"] ?? MemoryServer() }

    package static let configuration = """
        targets:
          app-db: {engine: memory, stage: production, url: "memory://prod"}
          copy-db: {engine: memory, stage: staging, url: "memory://copy"}
        apps:
          shop:
            stop: {command: [app, stop, shop]}
            start: {command: [app, start, shop]}
            healthy: {command: [app, healthy, shop]}
            running: {command: [app, running, shop]}
        stores:
          main: {directory: /backups}
        policies:
          nightly: {targets: {app-db: {}}, store: main}
        contacts:
          dba: {name: Database on call, phone: {env: DBA_PHONE}}
        alerts:
          ops: {webhook: {env: OPS}}
        """

    package static let realRunbook = """
        runbook: rebuild
        title: Rebuild a database
        version: 3
        owner: dba
        reviewed: 2026-11-01
        targets: {db: memory}
        apps: [shop]
        backups: {dump: memory}
        steps:
          - name: Prove
            backup.verify: dump
          - name: Stop
            app.stop: shop
          - name: Keep
            backup.take: {target: db, database: app, optional: unreadable}
          - name: Drop
            memory.drop: {database: app, refill: dump}
          - name: Restore
            id: load
            memory.restore: {database: app, from: dump}
          - name: Verify
            memory.verify: {database: app, rows: "${step.load.rows}"}
          - name: Start
            app.start: shop
        """

    package func runbook(_ text: String = MemoryWorld.realRunbook) throws -> Runbook {
        try Runbook(
            Document(text, name: "runbook.yaml"),
            DocumentSource(path: "/runbook.yaml", text: text, sha256: digests.sha256(Array(text.utf8))), registry)
    }

    package func places(_ configuration: String = MemoryWorld.configuration) throws -> ConfiguredPlaces {
        let document: ConfigurationDocument = try Document(configuration, name: "lifeboat.yaml").read()
        return ConfiguredPlaces(
            configuration: document,
            source: DocumentSource(path: "/lifeboat.yaml", text: configuration, sha256: digests.sha256(Array(configuration.utf8))),
            stores: BackupStores(
                [FaultyStore(store, faults)], byPolicy: ["nightly": store.name, "weekly": store.name],
                alerts: ["ops": AlertBinding(name: "ops", way: .webhook(Secret("https://hooks.example/secret-path")))], digests: digests,
                inventories: PlainInventories()),
            logIn: { name, target, engine, recovering in
                var address = try engine.address(url: target.url, target: name)
                address.user = recovering ? "recovery" : "backup"
                address.password = Secret("hunter2-memory")
                return ConfiguredTarget(name: name, engine: engine.name, stage: target.stage, address: address)
            },
            phone: { _ in Secret("+49 30 1234") })
    }

    package func run(_ request: RunRequest, _ configuration: String = MemoryWorld.configuration) throws -> RunConductor {
        RunConductor(request, in: world, with: try places(configuration), locks: locks)
    }

    /// The ordinary request: production, agreed to.
    package func request(
        _ runbook: String = MemoryWorld.realRunbook, target: String = "app-db", confirmed: [String] = ["app-db"]
    ) throws -> RunRequest {
        RunRequest(try self.runbook(runbook), targets: ["db": target], confirmed: confirmed)
    }

    /// Takes the newest run up again in a new process.
    package func resumed(
        _ runbook: String = MemoryWorld.realRunbook, confirmed: [String] = [], choosing choices: StepChoices = .none
    ) async throws -> RunSession.Ended {
        guard let run = try await folders.list().last else { throw Failure(.notFound, "there is no run") }
        let session = try await RunSession.resume(run, in: world, choosing: choices) { _ in [] }
        return try await self.run(RunRequest(resuming: session.started, try self.runbook(runbook), confirmed: confirmed)).resume(session)
    }

    /// Captures both configured targets as one set, as a backup of the policy does. Faults strike.
    package func takeBackups() async throws -> BackupTaker.Taken {
        let members = try ["app-db": production, "copy-db": copy].map { name, server in
            let target = ConfiguredTarget(
                name: name, engine: MemoryEngine.engineName, stage: .staging,
                address: ServerAddress(host: name, port: 1, user: nil, password: nil))
            return BackupTaker.Member(
                name: name, target: MemoryTarget(binding: .configured(role: name, target), server: server),
                engine: try world.engine(MemoryEngine.engineName), object: "app")
        }
        let taker = BackupTaker(
            store: FaultyStore(store, faults), digests: digests, inventories: PlainInventories(), time: time, host: world.host,
            say: { _ in })
        return try await taker.take(members, into: "nightly")
    }
}
