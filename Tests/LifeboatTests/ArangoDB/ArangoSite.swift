import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A server that somebody needs, an application, a store, and the runbook that is shipped.
struct ArangoSite: CrashPlace {
    let folder: String
    let lifeboat: TestSupport.Program
    let production: TestArango

    static let books: Int64 = 60
    static let database = "library"

    static func with<Result>(_ use: (ArangoSite) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let production = try await TestArango.start()
            return try await use(try await ArangoSite(folder, production))
        }
    }

    private init(_ folder: String, _ production: TestArango) async throws {
        (self.folder, self.production) = (folder, production)
        lifeboat = try TestSupport.Program(
            "lifeboat", in: folder,
            environment: [
                "LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_SERVERS": "\(folder)/servers", "HOME": folder, "TMPDIR": "\(folder)/tmp",
            ])
        try await blocking { _ in
            // The servers of drills run under another account, and get their folders in here.
            try Files.changeMode(of: folder, to: 0o711)
            for name in ["store", "locks", "tmp"] { try Files.makeFolder("\(folder)/\(name)") }
            for name in ["locks", "tmp"] { try Files.changeMode(of: "\(folder)/\(name)", to: 0o1777) }
        }
        try await put("password", production.password)
        try await put("app-runs", "")
        try await copyRunbook()
        try await put("lifeboat.yaml", configuration)
        try await put("drill.yaml", drill)
        try await production.fillLibrary(Self.database, books: Int(Self.books))
    }

    func put(_ name: String, _ text: String) async throws {
        _ = try await blocking { [folder] _ in try Files.removeFile("\(folder)/\(name)") }
        try await TestSupport.write(Array(text.utf8), to: "\(folder)/\(name)")
    }

    // MARK: Documents

    var runbook: String { "\(folder)/arangodb-database.yaml" }

    /// The shipped runbook without what it says of the demo's library.
    private func copyRunbook() async throws {
        let text = try String(contentsOfFile: "\(TestSupport.Program.checkout)/runbooks/arangodb-database.yaml", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { $0.hasPrefix("      queries:") } ?? lines.endIndex
        let end = lines[start...].firstIndex(of: "") ?? lines.endIndex
        try await put("arangodb-database.yaml", (lines[..<start] + lines[end...]).joined(separator: "\n"))
    }

    private var configuration: String {
        """
        targets:
          graph: {engine: arangodb, stage: production, url: "\(production.url)/\(Self.database)", password: {file: \(folder)/password}}
        apps:
          library:
            stop: {command: [rm, \(folder)/app-runs]}
            start: {command: [touch, \(folder)/app-runs]}
            healthy: {command: [test, -e, \(folder)/app-runs]}
            running: {command: [test, -e, \(folder)/app-runs]}
        stores:
          main: {directory: store}
        policies:
          nightly:
            targets:
              graph: {runbook: \(runbook)}
            store: main
            expect: {every: 24h, max_age: 26h}
        alerts:
          ops: {command: [tee, -a, \(folder)/told]}
        locks: \(folder)/locks
        """
    }

    private var drill: String {
        """
        drill: drill-arangodb
        environment:
          graph: {engine: arangodb, version: from-backup}
        given:
          - name: A database is in the way
            arangodb.create-database: \(Self.database)
          - name: It has a stale collection
            arangodb.create-collection: {database: \(Self.database), collection: books}
        runs:
          - runbook: \(runbook)
            targets: {graph: graph}
            backups: {dump: {policy: nightly, target: graph, pick: latest}}
            inputs: {database: \(Self.database)}
            apps: {library: {not_drilled: it runs elsewhere}}
        """
    }

    // MARK: Commands

    var configured: [String] { ["--config", "\(folder)/lifeboat.yaml"] }
    func resume(_ words: String...) -> [String] { ["resume"] + words + ["--confirm", "graph"] + configured }

    var run: [String] { arguments() }
    func arguments(confirm: Bool = true) -> [String] {
        ["run", runbook, "--input", "database=\(Self.database)"] + (confirm ? ["--confirm", "graph"] : []) + ["--target", "graph=graph"]
            + configured
    }

    func backUp() async throws {
        let backup = try await lifeboat("backup", "nightly")
        try #require(backup.code == 0, "\(backup.output)\(backup.errors)")
    }

    // MARK: What there is

    func appRuns() async -> Bool { await isThere("\(folder)/app-runs") }

    /// Some documents lost, others garbled, an index, the view and the graph gone.
    func damage() async throws {
        guard try await production.databases().contains(Self.database) else {
            try await production.fillLibrary(Self.database, books: 5)
            return
        }
        try await production.query("FOR b IN books FILTER b.shelf == \"poetry\" REMOVE b IN books", in: Self.database)
        try await production.query("FOR b IN books UPDATE b WITH {title: \"garbled\"} IN books", in: Self.database)
        _ = try await production.call("DELETE", "/_db/\(Self.database)/_api/view/titles")
        _ = try await production.call("DELETE", "/_db/\(Self.database)/_api/gharial/citations")
        _ = try await production.call("DELETE", "/_db/\(Self.database)/_api/index/books/by_shelf")
    }

    func held() async throws -> [String] { [] }

    func unfinished() async throws -> [String] {
        try await blocking { [folder] _ in
            let work = "\(folder)/store/.lifeboat-work"
            guard try Files.status(of: work) != nil else { return [] }
            return try Files.list(work).map(\.name)
        }
    }

    /// Everything that a restore brings back, as the server tells of it.
    func contents() async throws -> [String] {
        let database = Self.database
        var all: [String] = []
        for collection in ["books", "cites", "empty"] {
            let documents = try await production.query(
                "FOR d IN \(collection) SORT d._key RETURN UNSET(d, \"_rev\", \"_id\")", in: database)
            all.append("\(collection): \(documents.map { $0.text(.canonical) }.joined(separator: "\n"))")
            let indexes = try await production.ask("GET", "/_api/index?collection=\(collection)", in: database)["indexes"]?.array ?? []
            all.append("\(collection) indexes: \(indexes.compactMap { $0["name"]?.string }.sorted())")
        }
        let views = try await production.ask("GET", "/_api/view", in: database)["result"]?.array ?? []
        let graphs = try await production.ask("GET", "/_api/gharial", in: database)["graphs"]?.array ?? []
        all.append("views: \(views.compactMap { $0["name"]?.string }), graphs: \(graphs.compactMap { ($0["name"] ?? $0["_key"])?.string })")
        return all
    }

    func backupFolder() async throws -> String {
        let sets = try await blocking { [folder] _ in try Files.list("\(folder)/store/nightly").map(\.name) }
        return "\(folder)/store/nightly/\(try #require(sets.max()))/graph"
    }
}
