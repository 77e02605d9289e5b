import Bindings
import Documents
import Engines
import Environments
import Outlets
import Recovery
import Synchronization

/// The demo's choreography. The source is a server of PostgreSQL, one of Qdrant and one of ArangoDB; lifeboat itself is called as a newcomer would call it, so
/// that what is shown is what there is.
struct Demo: Sendable {
    let checkout: String
    let services: Services
    let output: Output

    /// The database that is lost.
    private static let database = "library"
    /// With the extension that its vectors need; the drill's server gets the same.
    private static let image = "pgvector/pgvector:pg16"
    private static let vectorsVersion = "1.18.3"
    private static let graphVersion = "3.12.5"

    /// The servers of the library.
    private struct Sources {
        let rows: ServerAddress
        let vectors: DemoVectors
        let graph: DemoGraph
    }

    func play() async throws -> Int32 {
        let folder = try DemoFolder(checkout: checkout, environment: services.environment)
        let outcome: Swift.Result<Int32, any Error>
        do { outcome = .success(try await services.interruption.cancelling { try await play(in: folder) }) } catch {
            outcome = .failure(error)
        }
        try folder.remove()
        let code = try outcome.get()
        if code == 0 { output.show("Everything of the demo is gone, but for the reports.") }
        return code
    }

    private func play(in folder: DemoFolder) async throws -> Int32 {
        let engine = try self.engine("postgres")
        let servers = [
            ("library", try await engine.serverRecipe(version: "16", image: Self.image, holding: [])),
            ("vectors", try await self.engine("qdrant").serverRecipe(version: Self.vectorsVersion, image: nil, holding: [])),
            ("graph", try await self.engine("arangodb").serverRecipe(version: Self.graphVersion, image: nil, holding: [])),
        ]
        let provider = try await chooseProvider(servers)
        tell(
            "A little library: PostgreSQL with 15,000 rows, Qdrant with 8,000 vectors, ArangoDB with 8,000 works and citations, and an application"
        )
        let request = EnvironmentRequest(
            run: RunID(of: "demo", at: services.time.now, random: services.digests.randomName(6)), generation: 1,
            expires: services.time.now.advanced(bySeconds: 3600),
            servers: servers,
            apps: [
                (
                    "app",
                    AppRecipe(
                        command: CommandSpec("\(folder.checkout)/.build/debug/library-app"), uses: "library", database: Self.database,
                        healthPath: "/health")
                )
            ], connectionURL: { _, address, database in engine.connectionURL(address, database: database) })
        let source = try await provider.start(request)
        let outcome: Swift.Result<Int32, any Error>
        do { outcome = .success(try await play(in: folder, source, provider.kind)) } catch { outcome = .failure(error) }
        try await uncancelledThrowing { try await source.stop() }
        return try outcome.get()
    }

    private func engine(_ name: String) throws -> any Engine {
        guard let engine = services.engines[EngineName(name)] else { throw Failure(.bug, "there is no engine \(name)") }
        return engine
    }

    /// Containers where there can be some, else processes; which it is and why is said in one line.
    private func chooseProvider(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws -> any EnvironmentProvider {
        let passedOver = Mutex<String?>(nil)
        let provider = try await services.environments.choose(
            for: servers, services.time, say: { services.progress.say(.detail($0)) }, warn: { words in passedOver.withLock { $0 = words } })
        if provider.kind == services.containers.kind {
            tell("the servers are containers of \(try await services.containers.engineName()), which has \(Self.image)")
        } else {
            tell("the servers are processes of this machine, \(passedOver.withLock { $0 } ?? "as it was asked for")")
        }
        return provider
    }

    private func play(in folder: DemoFolder, _ source: any RunningEnvironment, _ kind: String) async throws -> Int32 {
        guard let server = source.servers["library"], let vectors = source.servers["vectors"], let graph = source.servers["graph"],
            let app = source.app("app")
        else { throw Failure(.bug, "the library did not start") }
        if vectors.identity.standIn {
            tell("this machine has no Qdrant: a stand-in on its engine plays the part, and every report says so")
        }
        if graph.identity.standIn { tell("nor has it ArangoDB: a stand-in imitates it, and every report says so") }
        let sources = Sources(
            rows: server.address, vectors: DemoVectors(address: vectors.address), graph: DemoGraph(address: graph.address))
        let control = try DemoApp(app)
        let outcome: Swift.Result<Int32, any Error>
        do {
            outcome = .success(try await play(in: folder, sources, app, control, servers: kind))
        } catch {
            outcome = .failure(error)
        }
        await control.stop()
        return try outcome.get()
    }

    private func play(
        in folder: DemoFolder, _ sources: Sources, _ app: any AppControl, _ control: DemoApp, servers kind: String
    ) async throws -> Int32 {
        try await fill(sources)
        try await app.start()
        try await waitUntilHealthy(app)
        tell("the library is filled, its application answers")
        try prepare(folder, sources, control, servers: kind)

        let backup = try await lifeboat(["backup", "nightly"], folder)
        guard backup.succeeded else { return try await failed("backup", backup) }

        let drill = try await lifeboat(["drill", folder.drill], folder)
        if let run = try newestRun(folder), let report = try folder.keepReport(of: run, as: "drill.html") {
            tell("the drill's report: \(report)")
        }
        guard drill.succeeded else { return try await failed("drill", drill) }
        return try await disaster(in: folder, sources, app)
    }

    /// What the drill was for: the source itself is damaged, and the same runbook file recovers it.
    private func disaster(in folder: DemoFolder, _ sources: Sources, _ app: any AppControl) async throws -> Int32 {
        tell(
            "now the disaster: an import went wrong on the source itself; tables truncated, rows garbled, vectors of another size, works lost"
        )
        try await withConnection(sources.rows, database: Self.database) { _ = try await $0.query(LibraryData.damage) }
        try await sources.vectors.damage()
        try await sources.graph.damage()
        guard case .unhealthy(let words) = try await app.health() else {
            throw Failure(.bug, "the demo's application does not notice that its data is gone")
        }
        tell("the application says: \(words)")
        let recoveries = [
            (
                "recovery",
                ["run", folder.runbook, "--target", "db=library", "--input", "database=\(Self.database)", "--confirm", "library"]
            ),
            (
                "recovery-of-vectors",
                [
                    "run", folder.vectorsRunbook, "--target", "vectors=vectors", "--input", "collection=\(DemoVectors.collection)",
                    "--input", "dimensions=\(DemoVectors.dimensions)", "--confirm", "vectors",
                ]
            ),
            (
                "recovery-of-graph",
                ["run", folder.graphRunbook, "--target", "graph=graph", "--input", "database=\(DemoGraph.database)", "--confirm", "graph"]
            ),
        ]
        for (name, words) in recoveries {
            let recovery = try await lifeboat(words, folder)
            if let run = try newestRun(folder), let report = try folder.keepReport(of: run, as: "\(name).html") {
                tell("the recovery's report: \(report)")
            }
            guard recovery.succeeded else { return try await failed("run", recovery) }
        }
        guard case .healthy(let health) = try await app.health() else {
            throw Failure(.application, "the database was recovered, and the application is not well")
        }
        tell("the application answers again: \(health)")
        return 0
    }

    private func fill(_ sources: Sources) async throws {
        try await withConnection(sources.rows, database: "postgres") { try await $0.execute("CREATE DATABASE \(Self.database)") }
        try await withConnection(sources.rows, database: Self.database) {
            _ = try await $0.query(LibraryData.sql)
            try await sources.vectors.fill(from: $0)
            try await sources.graph.fill(from: $0)
        }
    }

    private func withConnection(_ address: ServerAddress, database: String, _ use: (PostgresConnection) async throws -> Void) async throws {
        let connection = try await PostgresConnection.connect(
            PostgresParameters(
                host: address.host, port: address.port, user: address.user ?? "postgres", password: address.password?.reveal { $0 },
                database: database))
        do { try await use(connection) } catch {
            await connection.close()
            throw Failure(.engine, "the demo's library could not be made", cause: Failure(.engine, "\(error)"))
        }
        await connection.close()
    }

    private func waitUntilHealthy(_ app: any AppControl) async throws {
        let end = services.time.uptime + .seconds(30)
        while services.time.uptime < end {
            if case .healthy = try await app.health() { return }
            try await services.time.sleep(for: .milliseconds(50))
        }
        throw Failure(.application, "the demo's application did not become healthy: \(try await app.health())")
    }

    private func prepare(_ folder: DemoFolder, _ sources: Sources, _ control: DemoApp, servers kind: String) throws {
        let (address, vectors, graph) = (sources.rows, sources.vectors.address, sources.graph.address)
        try folder.write("password", address.password?.reveal { $0 } ?? "")
        try folder.write("graph-password", graph.password?.reveal { $0 } ?? "")
        try folder.write("api-key", vectors.password?.reveal { $0 } ?? "")
        try folder.write(
            "lifeboat.yaml",
            """
            targets:
              library:
                engine: postgres
                stage: staging
                url: postgres://\(address.user ?? "postgres")@\(address.host):\(address.port)/\(Self.database)
                password: {file: \(folder.passwordFile)}
              vectors:
                engine: qdrant
                stage: staging
                url: http://\(vectors.host):\(vectors.port)
                api_key: {file: \(folder.path)/api-key}
              graph:
                engine: arangodb
                stage: staging
                url: http://\(graph.user ?? "root")@\(graph.host):\(graph.port)/\(DemoGraph.database)
                password: {file: \(folder.path)/graph-password}
            apps:
              library: \(control.document)
            stores:
              main: {directory: \(folder.path)/backups}
            policies:
              nightly:
                targets:
                  library: {runbook: \(folder.runbook)}
                  vectors:
                    runbook: \(folder.vectorsRunbook)
                    fingerprint: [points]
                    collections:
                      include: ["book_*"]
                      embeddings: {"book_*": {model: made up for the demo, size: \(DemoVectors.dimensions), distance: Euclid}}
                  graph: {runbook: \(folder.graphRunbook)}
                store: main
                expect: {every: 24h, max_age: 26h, min_size: 1MiB}
            alerts:
              ops: {command: [cat]}
            servers: \(services.serversDocument(environment: kind))
            state: \(folder.state)
            locks: \(folder.path)/locks

            """)
        try Files.makeFolder("\(folder.path)/backups")
        try Files.makeFolder("\(folder.path)/locks", mode: 0o1777)
    }

    /// Calls ourselves, shows the call and everything it prints.
    private func lifeboat(_ words: [String], _ folder: DemoFolder) async throws -> CommandOutcome {
        output.show(TerminalText("$ lifeboat \(words.map { shortened($0, folder) }.joined(separator: " "))").styled(.bold, output.style))
        var environment = ["LIFEBOAT_CONFIG": folder.configuration, "LIFEBOAT_TOOLS": services.toolFolders.joined(separator: ":")]
        // Where the container engine is, and what its images are got from, stays as it was when they were looked for.
        for (name, value) in services.environment where Self.isPassedOn(name) { environment[name] = value }
        let outcome = try await services.commands.run(CommandSpec("/proc/self/exe", words, environment: environment)) { line in
            try? StandardStream.errors.write(TerminalText(line).text + "\n")
        }
        output.show(page: String(decoding: outcome.output, as: UTF8.self) + "\n")
        return outcome
    }

    private static func isPassedOn(_ name: String) -> Bool {
        ["TMPDIR", "HOME", "XDG_RUNTIME_DIR", "LIFEBOAT_REGISTRY", "LIFEBOAT_SERVERS"].contains(name) || name.hasPrefix("DOCKER_")
    }

    private func shortened(_ word: String, _ folder: DemoFolder) -> String {
        word.hasPrefix(folder.checkout + "/") ? String(word.dropFirst(folder.checkout.count + 1)) : word
    }

    private func newestRun(_ folder: DemoFolder) throws -> String? {
        try Files.list("\(folder.state)/runs").map(\.name).max()
    }

    private func failed(_ what: String, _ outcome: CommandOutcome) async throws -> Int32 {
        output.complain(Failure(.application, "the demo ends here: `lifeboat \(what)` \(outcome.words)"))
        if case .exited(let code) = outcome.status { return code }
        return 1
    }

    private func tell(_ words: String) { output.show(TerminalText("— \(words)").styled(.faint, output.style)) }
}
