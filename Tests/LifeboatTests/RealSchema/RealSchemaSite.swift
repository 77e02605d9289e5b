import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A server with the database of `RealSchema`, a store, a configuration, a runbook and a drill.
struct RealSchemaSite {
    let lifeboat: TestSupport.Program
    private let folder: String
    private let server: TestPostgres

    static func with(_ programs: String?, _ more: String, _ use: (RealSchemaSite) async throws -> Void) async throws {
        let server = try await TestPostgres.start(of: programs)
        let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-schema-\(UUID().uuidString)"
        let outcome: Result<Void, any Error>
        do {
            let site = try RealSchemaSite(folder, server)
            try await site.fill(more)
            outcome = .success(try await use(site))
        } catch { outcome = .failure(error) }
        await server.stop()
        try FileManager.default.removeItem(atPath: folder)
        try outcome.get()
    }

    private init(_ folder: String, _ server: TestPostgres) throws {
        self.folder = folder
        self.server = server
        for path in ["", "/store", "/locks"] {
            try FileManager.default.createDirectory(atPath: folder + path, withIntermediateDirectories: false)
        }
        lifeboat = try TestSupport.Program("lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder])
        try put("password", server.password.reveal { $0 })
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/password")
        try writeDocuments()
    }

    private func fill(_ more: String) async throws {
        try await run(RealSchema.roles + RealSchema.database, in: "postgres")
        try await run(RealSchema.content, in: HostileName.database)
        try await run(more, in: HostileName.database)
    }

    /// One statement after the other: not all of these may stand in a transaction with others.
    func run(_ script: String, in database: String) async throws {
        let parameters = server.parameters
        let environment = [
            "PGHOST": parameters.host, "PGPORT": "\(parameters.port)", "PGUSER": parameters.user, "PGDATABASE": database,
            "PGPASSWORD": server.password.reveal { $0 }, "PGCLIENTENCODING": "UTF8",
        ]
        let ended = try await Bindings.run(
            Command(
                "\(server.programs)/psql", ["-Xq", "-v", "ON_ERROR_STOP=1"], environment: environment,
                input: .bytes(Array(try HostileName.filledIn(script).utf8))))
        try #require(ended.status.isSuccess, "\(ended.errorTail)")
    }

    private func writeDocuments() throws {
        let parameters = server.parameters
        try put(
            "lifeboat.yaml",
            """
            targets:
              app-db:
                engine: postgres
                stage: staging
                url: postgres://\(parameters.user)@\(parameters.host):\(parameters.port)/\(HostileName.database.percentEncoded)
                password: {file: \(folder)/password}
            stores:
              main: {directory: store}
            policies:
              nightly:
                targets:
                  app-db: {runbook: rebuild.yaml, jobs: 3, compression: "gzip:1", fingerprint: ["sales.customers.*", archive.cache]}
                store: main
            locks: \(folder)/locks
            """)
        try put(
            "rebuild.yaml",
            """
            runbook: rebuild
            title: Rebuild it
            targets: {db: postgres}
            backups: {dump: postgres}
            inputs: {database: text}
            steps:
              - {name: Prove, backup.verify: {backup: dump, depth: deep}}
              - {name: Keep, backup.take: {target: db, database: "${input.database}", optional: unreadable}}
              - {name: Disconnect, postgres.terminate-connections: "${input.database}"}
              - {name: Drop, postgres.drop-database: {database: "${input.database}", refill: dump}}
              - {name: Create, postgres.create-database: {database: "${input.database}", like: dump}}
              - {name: Restore, postgres.restore: {database: "${input.database}", from: dump, jobs: 2}}
              - {name: Verify, postgres.verify: {database: "${input.database}", against: dump}}
            """)
        try put(
            "rebuild-drill.yaml",
            """
            drill: rebuild-drill
            environment: {db: {engine: postgres, version: from-backup}}
            given:
              - name: A database is in the way
                postgres.sql: {database: postgres, sql: \(quoted("CREATE DATABASE \(try quoteIdentifier(HostileName.database))"))}
            runs:
              - runbook: rebuild.yaml
                targets: {db: db}
                backups: {dump: {policy: nightly, target: app-db, pick: latest}}
                inputs: {database: \(quoted(HostileName.database))}
            report: [html, json]
            """)
    }

    /// As a scalar of YAML between double quotes.
    private func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { $0.value < 0x20 || $0 == "\"" || $0 == "\\" || $0.value > 0x7E ? Self.escaped($0) : String($0) }
            .joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private func put(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
}

extension RealSchemaSite {
    func ask(_ sql: String) async throws -> String? {
        try await server.ask(sql, in: HostileName.database)
    }

    /// Rows of every table and filled view that has its own, counted by us.
    func counts() async throws -> [String: Int] {
        let connection = try await PostgresConnection.connect(server.parameters.naming(HostileName.database))
        let names = try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND n.nspname !~ '^(pg_|information_schema)'
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass)
            """)
        var counts: [String: Int] = [:]
        for name in names.rows.compactMap({ $0.first ?? nil }) {
            let answer = try await connection.query("SELECT count(*) FROM ONLY \(name)")
            counts[name] = Int((answer.rows.first?.first ?? nil) ?? "")
        }
        await connection.close()
        return counts
    }

    func newestBackup() async throws -> String {
        let set = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/store/nightly").max()
        return "nightly/\(try #require(set))/app-db"
    }

    /// As its journal tells it.
    func newestResult() async throws -> RunResult {
        let report = try await lifeboat("report", "--format", "json")
        return try CanonicalJSON.decode(RunResult.self, from: Array(report.output.utf8))
    }

    /// The same runbook on the server that has the database still.
    func recoverForReal() async throws -> TestSupport.Program.Ended {
        try await lifeboat("run", "rebuild.yaml", "--input", "database=\(HostileName.database)", "--confirm", "app-db")
    }

    /// Texts of all files below the folder whose names end so.
    func files(ending end: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(end) }.map {
            String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\($0)")), as: UTF8.self)
        }
    }
}

extension PostgresParameters {
    fileprivate func naming(_ database: String) -> PostgresParameters {
        var parameters = self
        parameters.database = database
        return parameters
    }
}

extension String {
    fileprivate var percentEncoded: String {
        utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
