import Bindings
import Foundation
import Recovery
import TestSupport

/// A database behind a proxy, a store, a runbook and the built program, for what goes wrong between them.
struct FaultSite {
    let folder: String
    let server: TestPostgres
    let proxy: PostgresProxy
    let lifeboat: TestSupport.Program
    static let database = "library"

    /// - Parameters:
    ///   - tools: a folder with `pg_dump` and `pg_restore`, looked into before all others.
    ///   - limit: what a backup, and a step of the recovery, may take.
    static func make(limit: String = "10min") async throws -> FaultSite {
        let server = try await TestPostgres.start()
        let proxy = try PostgresProxy(to: server.parameters.port)
        let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-faults-\(UUID().uuidString)"
        for path in [folder, "\(folder)/store", "\(folder)/locks", "\(folder)/tools"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: "\(folder)/locks")
        var program = try TestSupport.Program(
            "lifeboat", in: folder,
            environment: ["LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_SERVERS": "\(folder)/servers", "HOME": folder])
        program.environment["LIFEBOAT_TOOLS"] = "\(folder)/tools:\(server.programs)"
        let site = FaultSite(folder: folder, server: server, proxy: proxy, lifeboat: program)
        try site.write(limit)
        try await site.ask("CREATE DATABASE \(database)", in: "postgres")
        try await site.ask(
            """
            CREATE TABLE notes (id integer PRIMARY KEY, words text NOT NULL);
            INSERT INTO notes SELECT i, 'note ' || i FROM generate_series(1, 500) AS i;
            CREATE TABLE readers (id integer PRIMARY KEY, name text NOT NULL);
            INSERT INTO readers SELECT i, md5(i::text) FROM generate_series(1, 2000) AS i;
            """)
        return site
    }

    private func write(_ limit: String) throws {
        try put("password", server.password.reveal { $0 })
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/password")
        try put(
            "lifeboat.yaml",
            """
            targets:
              app-db:
                engine: postgres
                stage: production
                url: postgres://postgres@127.0.0.1:\(proxy.port)/\(Self.database)?sslmode=disable&connect_timeout=2
                password: {file: \(folder)/password}
            stores:
              main: {directory: store}
            policies:
              nightly:
                targets:
                  app-db: {runbook: rebuild.yaml}
                store: main
                timeout: \(limit)
            locks: \(folder)/locks
            """)
        try put(
            "rebuild.yaml",
            """
            runbook: rebuild
            title: Rebuild the library
            targets: {db: postgres}
            backups: {dump: postgres}
            steps:
              - name: Prove
                backup.verify: {backup: dump, depth: deep}
                timeout: \(limit)
              - name: Keep what is there
                backup.take: {target: db, database: \(Self.database), optional: unreadable}
                timeout: \(limit)
              - name: Drop
                postgres.drop-database: {database: \(Self.database), refill: dump}
                timeout: \(limit)
              - name: Create
                postgres.create-database: {database: \(Self.database), like: dump}
                timeout: \(limit)
              - name: Restore
                postgres.restore: {database: \(Self.database), from: dump}
                timeout: \(limit)
              - name: Verify
                postgres.verify: {database: \(Self.database), against: dump}
                timeout: \(limit)
            """)
    }

    func put(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }

    /// The built program; one that does not come to its end is ended, and has no code.
    func run(_ arguments: String...) async throws -> TestSupport.Program.Ended {
        try await withTimeout(.seconds(100), RealTime(), "lifeboat \(arguments.joined(separator: " "))") {
            try await lifeboat.run(arguments)
        }
    }

    /// Not through the proxy.
    @discardableResult
    func ask(_ sql: String, in other: String? = nil) async throws -> String? {
        try await server.ask(sql, in: other ?? Self.database)
    }

    /// Manifests in the store: what there is of backups, and of copies that runs kept.
    func manifests(below folder: String) -> Set<String> {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: "\(self.folder)/store/\(folder)")) ?? []
        return Set(all.filter { $0.hasSuffix("/manifest.json") })
    }

    /// Nothing of ours is left: no file that `sweep` would have to remove, no session on the server.
    func isClean() async throws -> Bool {
        try await run("sweep", "--dry-run").output == "Nothing was left behind.\n"
    }

    /// Ours are called after us; pg_dump's and pg_restore's too.
    func sessionsOfOurs() async throws -> Int {
        Int(
            try await ask(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lifeboat%' AND pid <> pg_backend_pid()", in: "postgres")
                ?? "") ?? -1
    }

    func remove() async throws {
        proxy.stop()
        await server.stop()
        try FileManager.default.removeItem(atPath: folder)
    }
}
