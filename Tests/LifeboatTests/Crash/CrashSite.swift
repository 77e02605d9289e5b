import Bindings
import FoundationEssentials
import Glibc
import Recovery
import TestSupport

/// A small database with a backup, an application, one runbook, and a drill of it: everything that a crash needs.
struct CrashSite: CrashPlace {
    let folder: String
    let server: TestPostgres
    /// With a state folder of its own, for what is done before and beside the crashes.
    let lifeboat: TestSupport.Program

    /// Where the servers of its drill come from.
    let servers: Servers

    enum Servers: Equatable {
        case processes
        /// Of the engine there; nil: of this machine's.
        case containers(at: String?)
    }

    static let database = "app"
    private static let rows = 300

    /// Makes one, hands it on, and takes it down.
    static func with<Result>(_ servers: Servers = .processes, _ use: (CrashSite) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            // Of its own: recoveries lock the whole server.
            let server = try await TestPostgres.start()
            let outcome: Swift.Result<Result, any Error>
            do { outcome = .success(try await use(CrashSite(folder, server, servers))) } catch { outcome = .failure(error) }
            await server.stop()
            return try outcome.get()
        }
    }

    private init(_ folder: String, _ server: TestPostgres, _ servers: Servers) async throws {
        self.servers = servers
        self.folder = folder
        self.server = server
        var environment = ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder]
        if case .containers(let engine) = servers {
            environment["LIFEBOAT_ENVIRONMENT"] = "docker"
            environment["DOCKER_HOST"] = engine ?? TestDocker.host
        }
        lifeboat = try TestSupport.Program("lifeboat", in: folder, environment: environment)
        // The servers of drills run under another account, and get their folders in here.
        try await blocking { _ in
            try Files.changeMode(of: folder, to: 0o711)
            for name in ["store", "locks", "gate"] { try Files.makeFolder("\(folder)/\(name)") }
            try Files.changeMode(of: "\(folder)/locks", to: 0o1777)
            try Files.changeMode(of: "\(folder)/gate", to: 0o755)
        }
        try await openGate()
        try await writeDocuments()
        try await ask("CREATE DATABASE \(Self.database)", in: "postgres")
        // The index is built only while the gate is open: a restore can be held in the middle of it.
        try await ask(
            """
            CREATE FUNCTION public.when_open(i integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
            BEGIN
                WHILE pg_catalog.pg_stat_file('\(gate)', true) IS NULL LOOP PERFORM pg_catalog.pg_sleep(0.01); END LOOP;
                RETURN i;
            END $$;
            CREATE SCHEMA catalogue;
            CREATE SCHEMA lending;
            CREATE TABLE catalogue.books (id integer PRIMARY KEY, title text NOT NULL);
            INSERT INTO catalogue.books SELECT i, 'book ' || i FROM generate_series(1, \(Self.rows)) AS i;
            CREATE TABLE catalogue.chunks AS SELECT 1 AS id;
            CREATE TABLE lending.readers AS SELECT 1 AS id;
            CREATE TABLE lending.loans AS SELECT 1 AS id;
            CREATE INDEX ON lending.loans (public.when_open(id));
            """)
        let backup = try await lifeboat("backup", "nightly")
        guard backup.code == 0 else { throw TestFailure("there is no backup to crash with: \(backup.errors)") }
    }

    // MARK: The database

    /// Truncated and garbled, as after an accident.
    func damage() async throws {
        try await ask("DELETE FROM catalogue.books WHERE id > 100; UPDATE catalogue.books SET title = 'garbled'")
    }

    /// Whether every row is there, as it was backed up, and none beside them.
    func isWhole() async throws -> Bool {
        try await ask("SELECT count(*) || ' of which right ' || count(*) FILTER (WHERE title = 'book ' || id) FROM catalogue.books")
            == "\(Self.rows) of which right \(Self.rows)"
    }

    /// What lifeboats hold on the server: sessions and the lock that all hosts see.
    func held() async throws -> [String] {
        let answer = try await ask(
            """
            SELECT string_agg(what, '; ') FROM (
                SELECT 'session ' || application_name AS what FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND (application_name LIKE 'lifeboat%' OR application_name LIKE 'pg!_%' ESCAPE '!')
                UNION ALL SELECT 'lock of process ' || pid FROM pg_locks WHERE locktype = 'advisory') AS held
            """, in: "postgres")
        return answer.map { [$0] } ?? []
    }

    /// What half written backups have left in the store.
    func unfinished() async throws -> [String] {
        try await blocking { [folder] _ in
            let work = "\(folder)/store/.lifeboat-work"
            guard try Files.status(of: work) != nil else { return [] }
            return try Files.list(work).map(\.name)
        }
    }

    @discardableResult
    func ask(_ sql: String, in other: String? = nil) async throws -> String? {
        try await server.ask(sql, in: other ?? Self.database)
    }

    /// The server is halted as it stands, until `body` is done: it keeps its connections and answers nobody.
    func whileItHangs(_ body: () async throws -> Void) async throws {
        try await halt(true)
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try await halt(false)
        try outcome.get()
    }

    private func halt(_ halted: Bool) async throws {
        let children = try await read("/proc/\(server.postmaster)/task/\(server.postmaster)/children")
        let processes = [server.postmaster] + String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
        for process in processes { kill(process, halted ? SIGSTOP : SIGCONT) }
    }

    // MARK: The gate

    /// In containers there is no folder of ours: there it is always open.
    var gate: String { servers == .processes ? "\(folder)/gate/open" : "/etc/passwd" }

    /// Restores go through.
    func openGate() async throws { if await !isThere(gate) { try await TestSupport.write([], to: gate) } }

    /// Restores wait in the middle of building an index.
    func closeGate() async throws { _ = try await blocking { [gate] _ in try Files.removeFile(gate) } }

    // MARK: The application

    /// There while the real application runs.
    private var appFile: String { "\(folder)/app-runs" }

    func appRuns() async -> Bool { await isThere(appFile) }

    // MARK: Documents

    /// Of a run on the target that is configured.
    var run: [String] {
        ["run", "\(folder)/rebuild.yaml", "--input", "database=\(Self.database)", "--confirm", "app-db"] + configured
    }
    var drill: [String] { ["drill", "\(folder)/drill.yaml"] + configured }
    func resume(_ words: String...) -> [String] { ["resume"] + words + ["--confirm", "app-db"] + configured }

    /// Also tells the processes of this site from all others.
    var configured: [String] { ["--config", "\(folder)/lifeboat.yaml"] }

    private func writeDocuments() async throws {
        let parameters = server.parameters
        let app = try TestSupport.Program("library-app")
        try await put("password", server.password.reveal { $0 })
        try await put("app-runs", "")
        try await put(
            "lifeboat.yaml",
            """
            targets:
              app-db:
                engine: postgres
                stage: staging
                url: postgres://\(parameters.user)@\(parameters.host):\(parameters.port)/\(Self.database)
                password: {file: \(folder)/password}
            apps:
              shop:
                stop: {command: [rm, \(appFile)]}
                start: {command: [touch, \(appFile)]}
                healthy: {command: [test, -e, \(appFile)]}
                running: {command: [test, -e, \(appFile)]}
            stores:
              main: {directory: store}
            policies:
              nightly:
                targets:
                  app-db: {runbook: rebuild.yaml}
                store: main
            alerts:
              ops: {command: [tee, -a, \(folder)/told]}
            servers: {docker: {pull: never, memory: 512MiB}}
            locks: \(folder)/locks
            """)
        try await put("rebuild.yaml", Self.steps + Self.always)
        try await put(
            "drill.yaml",
            """
            drill: crash
            environment:
              db: \(server(of: servers))
              shop:
                app:
                  # Tells its process from all others.
                  command: [\(app.path), \(folder)]
                  uses: db
                  database: \(Self.database)
                  healthy: {http: /health}
            given:
              - name: A database is in the way
                postgres.sql: {database: postgres, sql: CREATE DATABASE \(Self.database)}
            runs:
              - runbook: rebuild.yaml
                targets: {db: db}
                backups: {dump: {policy: nightly, target: app-db, pick: latest}}
                inputs: {database: \(Self.database)}
                apps: {shop: shop}
            """)
    }

    /// A drill that rebuilds the database on two servers at once.
    func drillOfTwo() async throws -> [String] {
        let backups = "{dump: {policy: nightly, target: app-db, pick: latest}}"
        try await put(
            "two.yaml",
            """
            drill: two
            environment:
              db: \(server(of: servers))
              copy: \(server(of: servers))
            given:
              - name: A database is in the way
                target: db
                postgres.sql: {database: postgres, sql: CREATE DATABASE \(Self.database)}
              - name: And on the other one
                target: copy
                postgres.sql: {database: postgres, sql: CREATE DATABASE \(Self.database)}
            runs:
              - runbook: rebuild.yaml
                targets: {db: db}
                backups: \(backups)
                inputs: {database: \(Self.database)}
                apps: {shop: {not_drilled: there is none here}}
              - runbook: rebuild.yaml
                targets: {db: copy}
                backups: \(backups)
                inputs: {database: \(Self.database)}
                apps: {shop: {not_drilled: there is none here}}
            """)
        return ["drill", "\(folder)/two.yaml"] + configured
    }

    private func server(of servers: Servers) -> String {
        servers == .processes ? "{engine: postgres, version: from-backup}" : "{engine: postgres, image: \"\(TestDocker.pgvector)\"}"
    }

    /// - Parameters:
    ///   - steps: put in before the database is dropped.
    ///   - always: what stands there instead.
    func changeRunbook(addingBeforeDrop steps: String = "", always: String = Self.always) async throws {
        try await changeRunbook(Self.steps.replacing("  - name: Drop\n", with: steps + "  - name: Drop\n"), always: always)
    }

    /// - Parameter frame: lines that the restoring step gets beside its own fields.
    func changeRestore(_ frame: String) async throws {
        let step = "    postgres.restore: {database: \"${input.database}\", from: dump}\n"
        try await changeRunbook(Self.steps.replacing(step, with: step + frame), always: Self.always)
    }

    private func changeRunbook(_ steps: String, always: String) async throws {
        _ = try await blocking { [folder] _ in try Files.removeFile("\(folder)/rebuild.yaml") }
        try await put("rebuild.yaml", steps + always)
    }

    private func put(_ name: String, _ text: String) async throws { try await TestSupport.write(Array(text.utf8), to: "\(folder)/\(name)") }

    private static let steps = """
        runbook: rebuild
        title: Rebuild the library
        targets: {db: postgres}
        apps: [shop]
        backups: {dump: postgres}
        inputs: {database: text}
        steps:
          - name: Prove
            backup.verify: {backup: dump, depth: deep}
          - name: Stop
            app.stop: shop
          - name: Keep what is there
            backup.take: {target: db, database: "${input.database}", optional: unreadable}
          - name: Disconnect
            postgres.terminate-connections: "${input.database}"
          - name: Drop
            postgres.drop-database: {database: "${input.database}", refill: dump}
          - name: Create
            postgres.create-database: {database: "${input.database}", like: dump}
          - name: Restore
            postgres.restore: {database: "${input.database}", from: dump}
          - name: Verify
            postgres.verify:
              database: "${input.database}"
              against: dump
              queries:
                - {name: books, sql: "SELECT count(*) FROM catalogue.books WHERE title = 'book ' || id", equals: [\(rows)]}
          - name: Start
            app.start: shop

        """
    private static let always = """
        always:
          - name: Tell
            notify: ops

        """
}
