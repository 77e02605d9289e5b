import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A database that somebody needs, with everything of ours in one folder: what is there when a command has ended was left behind.
struct TroubleSite {
    var lifeboat: TestSupport.Program
    let folder: String
    let database: String
    let server: TestPostgres

    /// - Parameter server: a server of one's own, for what locks the whole of it.
    static func make(on server: TestPostgres? = nil) async throws -> TroubleSite {
        let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-trouble-\(UUID().uuidString)"
        for path in [folder, "\(folder)/store", "\(folder)/locks", "\(folder)/tmp"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        for path in ["\(folder)/locks", "\(folder)/tmp"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: path)
        }
        let site = TroubleSite(
            lifeboat: try TestSupport.Program(
                "lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder, "TMPDIR": "\(folder)/tmp"]),
            folder: folder, database: "trouble_\(UUID().uuidString.prefix(8).lowercased())",
            server: try await whichever(server))
        try await site.ask("CREATE DATABASE \(site.database)", in: "postgres")
        try await site.ask(
            "CREATE TABLE notes (id integer PRIMARY KEY, words text NOT NULL); INSERT INTO notes SELECT i, 'note ' || i FROM generate_series(1, 500) AS i"
        )
        try site.writeSecret("password", site.server.password.reveal { $0 })
        try site.write("lifeboat.yaml", site.configuration)
        try site.write("rebuild.yaml", Self.runbook)
        try site.write("monthly.yaml", Self.drill(of: site.database))
        return site
    }

    private static func whichever(_ server: TestPostgres?) async throws -> TestPostgres {
        if let server { return server }
        return try await TestPostgres.shared()
    }

    var port: Int { server.parameters.port }

    var configuration: String {
        """
        targets:
          app-db:
            engine: postgres
            stage: production
            url: postgres://postgres@127.0.0.1:\(port)/\(database)
            password: {file: \(folder)/password}
        stores:
          main: {directory: store}
        policies:
          nightly:
            targets:
              app-db: {runbook: rebuild.yaml}
            store: main
            expect: {every: 24h, max_age: 26h}
        locks: \(folder)/locks

        """
    }

    static let runbook = """
        runbook: rebuild
        title: Rebuild the notes
        targets: {db: postgres}
        backups: {dump: postgres}
        inputs: {database: text}
        steps:
          - name: Prove
            backup.verify: {backup: dump}
          - name: Disconnect
            postgres.terminate-connections: "${input.database}"
          - name: Drop
            postgres.drop-database: {database: "${input.database}", refill: dump}
          - name: Create
            postgres.create-database: {database: "${input.database}", like: dump}
          - name: Restore
            postgres.restore: {database: "${input.database}", from: dump}
          - name: Verify
            postgres.verify: {database: "${input.database}", against: dump}
        """

    static func drill(of database: String) -> String {
        """
        drill: monthly
        environment:
          db: {engine: postgres, version: from-backup}
        runs:
          - runbook: rebuild.yaml
            targets: {db: db}
            backups: {dump: {policy: nightly, target: app-db}}
            inputs: {database: \(database)}
        """
    }

    // MARK: Files

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }

    func writeSecret(_ name: String, _ text: String) throws {
        try write(name, text)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/\(name)")
    }

    /// Another configuration beside the good one.
    func configure(_ name: String, replacing text: String, with other: String) throws {
        #expect(configuration.contains(text))
        try write(name, configuration.replacing(text, with: other))
    }

    // MARK: The database

    @discardableResult
    func ask(_ sql: String, in other: String? = nil, of server: TestPostgres? = nil) async throws -> String? {
        try await (server ?? self.server).ask(sql, in: other ?? database)
    }

    var notes: String? { get async throws { try await ask("SELECT count(*) FROM notes") } }

    /// A good backup; returns its id.
    func backUp() async throws -> String {
        let backup = try await lifeboat("backup", "nightly")
        try #require(backup.code == 0, "\(backup.errors)")
        let id = try #require(backup.output.split(separator: " ").first { $0.hasPrefix("nightly/") })
        return String(id.prefix { $0 != ":" })
    }

    /// Removes the site; the database goes too, so that a shared server stays small.
    func remove() async throws {
        try await ask("DROP DATABASE IF EXISTS \(database) WITH (FORCE)", in: "postgres")
        try FileManager.default.removeItem(atPath: folder)
    }

    // MARK: What is left

    /// Nothing of ours: no temporary file, no unfinished set, no process, no disposable server.
    func expectNothingLeft(_ what: Comment = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let files = FileManager.default
        var left = try files.contentsOfDirectory(atPath: "\(folder)/tmp").map { "tmp/\($0)" }
        left += (try? files.contentsOfDirectory(atPath: "\(folder)/store/.lifeboat-work")) ?? []
        let runs = (try? files.contentsOfDirectory(atPath: "\(folder)/state/runs")) ?? []
        left += runs.filter { (files.contents(atPath: "\(folder)/state/runs/\($0)/journal.jsonl") ?? Data()).isEmpty }
        left += runs.filter { files.fileExists(atPath: "\(folder)/state/runs/\($0)/scratch") }
        for set in (try? files.contentsOfDirectory(atPath: "\(folder)/store/nightly")) ?? [] {
            if !files.fileExists(atPath: "\(folder)/store/nightly/\(set)/set.json") { left.append("unfinished set \(set)") }
        }
        left += try processes().map { "process \($0)" }
        left += serverMarks().filter { mark in runs.contains { mark.contains($0) } }
        #expect(left.isEmpty, what, sourceLocation: sourceLocation)
    }

    /// Processes that our folder is an argument or a setting of.
    private func processes() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            guard Int32(name) != nil, name != "\(ProcessInfo.processInfo.processIdentifier)" else { return false }
            return ["cmdline", "environ"].contains { file in
                guard let bytes = FileManager.default.contents(atPath: "/proc/\(name)/\(file)") else { return false }
                return String(decoding: bytes, as: UTF8.self).contains(folder)
            }
        }
    }

    /// What lies beside the folders of disposable servers when we are root; without, they are in our `tmp`.
    private func serverMarks() -> [String] {
        let place = "/var/lib/lifeboat/servers"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.compactMap { FileManager.default.contents(atPath: "\(place)/\($0)") }.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension TestSupport.Program.Ended {
    /// That this is how it ended, with these words and nothing that commands a terminal.
    func expect(_ code: Int32, _ errors: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.code == code, sourceLocation: sourceLocation)
        #expect(self.errors == errors + "\n", sourceLocation: sourceLocation)
        #expect(errors.contains("\n  hint: "), "what to do next is part of it", sourceLocation: sourceLocation)
    }
}

extension String {
    /// Without the breaks and indents that fit it to a terminal.
    var inOneLine: String { replacing(/\s+/, with: " ") }
}
