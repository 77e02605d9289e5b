import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A server that somebody needs, one to rehearse on, an application, a store, and the runbooks that are shipped.
struct QdrantSite: CrashPlace {
    let folder: String
    let lifeboat: TestSupport.Program
    let production: TestQdrant
    let staging: TestQdrant

    static let points: Int64 = 60

    /// Makes one, hands it on, and takes it down. There are `books`, known as `shelf`, with `staging` empty.
    static func with<Result>(
        staging hasStaging: Bool = false, version: String? = nil, _ use: (QdrantSite) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let production = try await TestQdrant.start(version: version)
            let site = try await QdrantSite(folder, production, hasStaging ? try await TestQdrant.start(version: version) : production)
            return try await use(site)
        }
    }

    private init(_ folder: String, _ production: TestQdrant, _ staging: TestQdrant) async throws {
        (self.folder, self.production, self.staging) = (folder, production, staging)
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
        try await put("key", production.key)
        try await put("staging-key", staging.key)
        try await put("app-runs", "")
        try await copyRunbooks()
        try await put("lifeboat.yaml", configuration)
        for (name, inputs) in drills { try await put("drill-\(name).yaml", drill(name, inputs)) }
        try await production.fillBooks("books", points: Int(Self.points))
        try await production.alias("shelf", for: "books")
    }

    func put(_ name: String, _ text: String) async throws {
        _ = try await blocking { [folder] _ in try Files.removeFile("\(folder)/\(name)") }
        try await TestSupport.write(Array(text.utf8), to: "\(folder)/\(name)")
    }

    // MARK: Documents

    /// A shipped runbook without what it says of the demo's library.
    func runbook(_ name: String) -> String { "\(folder)/runbooks/\(name).yaml" }

    private func copyRunbooks() async throws {
        try await blocking { [folder] _ in try Files.makeFolder("\(folder)/runbooks") }
        for (name, _) in drills {
            let text = try String(contentsOfFile: "\(TestSupport.Program.checkout)/runbooks/\(name).yaml", encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let start = lines.firstIndex { $0.hasPrefix("      queries:") } ?? lines.endIndex
            let end = lines[start...].firstIndex(of: "") ?? lines.endIndex
            try await put("runbooks/\(name).yaml", (lines[..<start] + lines[end...]).joined(separator: "\n"))
        }
    }

    var configuration: String {
        """
        targets:
          vectors: {engine: qdrant, stage: production, url: "\(production.url)", api_key: {file: \(folder)/key}}
          staging: {engine: qdrant, stage: staging, url: "\(staging.url)", api_key: {file: \(folder)/staging-key}}
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
              vectors: {runbook: \(runbook("qdrant-collection")), fingerprint: [points]}
            store: main
            expect: {every: 24h, max_age: 26h}
        alerts:
          ops: {command: [tee, -a, \(folder)/told]}
        locks: \(folder)/locks
        """
    }

    /// Beside the nightly snapshots there are backups point by point; with both, a run has to be told which it is to take.
    func addPolicyByPoints() async throws {
        let policy = """
              by-points:
                targets:
                  vectors: {runbook: \(runbook("qdrant-points")), collections: {way: points}}
                store: main
            alerts:
            """
        try await put("lifeboat.yaml", configuration.replacing("alerts:", with: policy))
    }

    private let drills: [(String, String)] = [
        (
            "qdrant-collection",
            "backups: {snapshot: {policy: nightly, target: vectors, pick: latest}}\n    inputs: {collection: books, dimensions: 8}\n    apps: {library: {not_drilled: it runs elsewhere}}"
        ),
        (
            "qdrant-collection-by-alias",
            "backups: {snapshot: {policy: nightly, target: vectors, pick: latest}}\n    inputs: {alias: shelf, old: books, new: books_new, captured: books}"
        ),
        ("qdrant-points", "backups: {points: {policy: by-points, target: vectors, pick: latest}}\n    inputs: {collection: books}"),
        ("qdrant-server", "backups: {snapshots: {policy: nightly, target: vectors, pick: latest}}"),
        (
            "qdrant-storage",
            "backups: {folder: {policy: by-folder, target: vectors, pick: latest}}\n    apps: {qdrant: vectors-server, library: {not_drilled: it runs elsewhere}}"
        ),
    ]

    private func drill(_ name: String, _ more: String) -> String {
        """
        drill: drill-\(name)
        environment:
          vectors: {engine: qdrant, version: from-backup}\(name == "qdrant-storage" ? "\n  vectors-server: {app: {server: vectors}}" : "")
        runs:
          - runbook: \(runbook(name))
            targets: {vectors: vectors}
            \(more)
        """
    }

    // MARK: Commands

    var configured: [String] { ["--config", "\(folder)/lifeboat.yaml"] }
    func resume(_ words: String...) -> [String] { ["resume"] + words + ["--confirm", "vectors"] + configured }

    /// A real run of a shipped runbook.
    func arguments(_ name: String, on target: String? = nil, confirm: Bool = true, _ inputs: String...) -> [String] {
        ["run", runbook(name)] + inputs.flatMap { ["--input", $0] } + (confirm ? ["--confirm", "vectors"] : [])
            + ["--target", "vectors=\(target ?? "vectors")"] + configured
    }

    /// The mission's runbook on the server that somebody needs.
    var run: [String] { arguments("qdrant-collection", "collection=books", "dimensions=8") }

    func backUp(_ policy: String = "nightly") async throws {
        let backup = try await lifeboat("backup", policy)
        try #require(backup.code == 0, "\(backup.output)\(backup.errors)")
    }

    // MARK: What there is

    func appRuns() async -> Bool { await isThere("\(folder)/app-runs") }

    /// Some points lost, others garbled, an index gone.
    func damage() async throws {
        guard try await production.collections().contains("books") else {
            try await production.fillBooks("books", points: 20, seed: 1, indexes: false)
            return
        }
        try await production.ask("POST", "/collections/books/points/delete?wait=true", #"{"points":[1,2,3]}"#)
        try await production.ask("POST", "/collections/books/points/payload?wait=true", #"{"payload":{"title":"garbled"},"points":[4,5]}"#)
        try await production.ask("DELETE", "/collections/books/index/shelf?wait=true")
    }

    func held() async throws -> [String] { [] }

    func unfinished() async throws -> [String] {
        try await blocking { [folder] _ in
            let work = "\(folder)/store/.lifeboat-work"
            guard try Files.status(of: work) != nil else { return [] }
            return try Files.list(work).map(\.name)
        }
    }

    /// Snapshots that somebody has left on the server.
    func leftOnServer() async throws -> [String] {
        var left: [String] = []
        for collection in try await production.collections() { left += try await production.snapshots(of: collection) }
        return left
    }

    /// The newest backup of a policy.
    func newest(_ policy: String) async throws -> String {
        let sets = try await blocking { [folder] _ in try Files.list("\(folder)/store/\(policy)").map(\.name) }
        return "\(policy)/\(try #require(sets.max()))/vectors"
    }

    /// Where it lies.
    func backupFolder(_ policy: String = "nightly") async throws -> String {
        "\(folder)/store/\(try await newest(policy))"
    }
}
