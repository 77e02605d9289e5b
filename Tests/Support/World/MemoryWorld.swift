import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

/// Everything outside a run, in memory and under the test's control; correct but for what the test breaks.
package struct MemoryWorld: Sendable {
    /// What goes wrong; nothing, unless a test says so.
    package let faults = Faults()
    package let folders: MemoryRunFolders
    package let store: MemoryStore
    package let provider: MemoryProvider
    package let time = InstantTime()
    package let progress = RecordedProgress()
    /// Of this process; a new one gets a new one.
    package var interruption = Interruption()
    package let notices: RecordedNotices
    package let digests = TestDigests()
    /// What configured targets stand for.
    package let machines = MemoryMachines()
    package let locks: MemoryLocks
    package let people: ScriptedPeople
    package let apps: MemoryApps
    package let containers: MemoryContainers

    package init(store: MemoryStore = MemoryStore(name: "main"), given: [String: [Int]] = [:], standIns: Set<String> = []) {
        self.store = store
        let folders = MemoryRunFolders(faults: faults)
        self.folders = folders
        notices = RecordedNotices(faults: faults)
        locks = MemoryLocks(faults: faults)
        people = ScriptedPeople(faults: faults)
        store.writes { try folders.live() }
        apps = MemoryApps(faults: faults) { try folders.live() }
        containers = MemoryContainers { try folders.live() }
        provider = MemoryProvider(given: given, standIns: standIns, faults: faults) { try folders.live() }
    }

    private var engine: MemoryEngine { MemoryEngine(provider, machines) }

    package var registry: StepRegistry { StepRegistry(engines: [engine]) }

    package var world: World {
        World(
            engines: [MemoryEngine.engineName: engine], registry: registry, time: time, digests: digests,
            inventories: PlainInventories(), commands: apps, web: NoWeb(), appContainers: containers, people: people, progress: progress,
            interruption: interruption,
            host: HostFacts(
                host: "test", system: "test", operatorName: "tester", sudoOrigin: nil, pid: 1, processStart: 1, boot: "boot",
                lifeboatVersion: "0"),
            folders: folders, localStore: { [faults] name, _ in FaultyStore(MemoryStore(name: name), faults) },
            render: { result, format in ("report.\(format.rawValue)", (try? CanonicalJSON.encode(result)) ?? []) },
            notify: { [notices] alert, standing, _ in try notices.send(alert, standing) })
    }

    /// A new process: what lies on disk stays, locks and connections are gone.
    package func restart() {
        folders.restart()
        provider.died()
        locks.died()
    }

    /// The same after a signal, in a new process.
    package func anew() -> MemoryWorld {
        restart()
        var world = self
        world.interruption = Interruption()
        return world
    }

    /// Puts a finished, whole backup of the database `app` into the store.
    package func putBackup(
        policy: String = "nightly", target: String = "app-db", rows: [Int] = [1, 2, 3], ageSeconds: Double = 3600,
        source: SourceIdentity = SourceIdentity(engine: MemoryEngine.engineName, address: "memory:0", system: nil, database: nil)
    ) async throws -> BackupID {
        try await putSet(policy: policy, targets: [target], rows: rows, ageSeconds: ageSeconds, source: source)[0]
    }

    /// The same of several targets, as one recovery set.
    package func putSet(
        policy: String = "nightly", targets: [String], rows: [Int] = [1, 2, 3], rowsOf: [String: [Int]] = [:],
        ageSeconds: Double = 3600,
        source: SourceIdentity = SourceIdentity(engine: MemoryEngine.engineName, address: "memory:0", system: nil, database: nil)
    ) async throws -> [BackupID] {
        let point = time.now.advanced(bySeconds: -ageSeconds)
        let set = "\(point.compact)-\(digests.randomName(6))"
        let ids = targets.map { BackupID(policy: policy, set: set, target: $0) }
        var members: [SetEnd.Member] = []
        for id in ids {
            let (manifest, sha256) = try await putMember(id, rowsOf[id.target] ?? rows, at: point, source)
            members.append(
                .init(
                    target: id.target, engine: MemoryEngine.engineName, manifestSHA256: sha256, bytes: manifest.storedBytes, complete: true)
            )
        }
        let end = SetEnd(
            policy: policy, set: set, members: members, recoveryPoint: point, spreadSeconds: 0, complete: true, finishedAt: point)
        try await store.create("\(policy)/\(set)/\(SetFile.name)", SetFile.bytes(of: end, digests))
        return ids
    }

    private func putMember(
        _ id: BackupID, _ rows: [Int], at point: Timestamp, _ source: SourceIdentity
    ) async throws -> (manifest: Manifest, sha256: String) {
        let inventory = try CanonicalJSON.encode(InventoryItem(kind: "database", name: "app", count: Int64(rows.count))) + [10]
        var artifacts: [Artifact] = []
        for (key, bytes) in [("rows", rows.map(UInt8.init)), ("inventory.jsonl", inventory)] {
            try await store.create("\(id)/\(key)", bytes)
            let stored = StoredObject(bytes: Int64(bytes.count), sha256: digests.sha256(bytes))
            artifacts.append(Artifact(key: key, content: stored, stored: stored))
        }
        let manifest = Manifest(
            id: id, engine: MemoryEngine.engineName, engineVersion: "1.0", standIn: false, lifeboatVersion: "0", host: "test",
            startedAt: point, finishedAt: point, recoveryPoint: point, complete: true, problems: [],
            source: source, artifacts: artifacts,
            inventory: "inventory.jsonl", totals: ["rows": Int64(rows.count)], runbook: nil)
        let sealed = try ManifestFile.bytes(of: manifest, digests)
        try await store.create("\(id)/\(ManifestFile.name)", sealed.bytes)
        return (manifest, sealed.sha256)
    }

    /// A drill read as from files.
    ///
    /// - Parameters:
    ///   - runbook: whatever path the drill names, as long as it is none of `others`.
    ///   - others: further runbooks, by path relative to the drill.
    package func drill(
        runbook: String, others: [String: String] = [:], drill: String = MemoryWorld.drill, configuration: String? = nil
    ) throws -> Drill {
        let registry = registry
        return try Drill(
            Document(drill, name: "drill.yaml"),
            DocumentSource(path: "/drill.yaml", text: drill, sha256: digests.sha256(Array(drill.utf8))),
            registry, configuration: try configuration.map { try Document($0, name: "lifeboat.yaml").read() }
        ) { path in
            let other = others.first { path == "/\($0.key)" }
            let text = other?.value ?? runbook
            return try Runbook(
                Document(text, name: other?.key ?? "runbook.yaml"),
                DocumentSource(path: path, text: text, sha256: digests.sha256(Array(text.utf8))), registry)
        }
    }

    package func conductor(_ drill: Drill, _ options: DrillConductor.Options = .init()) -> DrillConductor {
        DrillConductor(
            drill, in: world, on: EnvironmentChoice([provider]),
            from: BackupStores(
                [FaultyStore(store, faults)], byPolicy: ["nightly": store.name],
                alerts: ["ops": AlertBinding(name: "ops", way: .webhook(Secret("https://hooks.example/secret-path")))], digests: digests,
                inventories: PlainInventories()), options)
    }

    package static let drill = """
        drill: monthly
        environment:
          db: {engine: memory}
        runs:
          - runbook: runbook.yaml
            targets: {db: db}
            backups: {dump: {policy: nightly, target: app-db}}
        """

    package static let runbook = """
        runbook: rebuild
        title: Rebuild a database
        targets: {db: memory}
        backups: {dump: memory}
        steps:
          - name: Prove
            backup.verify: dump
          - name: Drop
            memory.drop: {database: app, refill: dump}
          - name: Restore
            id: load
            memory.restore: {database: app, from: dump}
          - name: Verify
            memory.verify: {database: app, rows: "${step.load.rows}"}
        """
}

package struct TestDigests: Digesting {
    package init() {}
    package func sha256(_ bytes: [UInt8]) -> String { SHA256.hexDigest(of: bytes) }
    package func makeDigest() -> any RunningDigest { TestDigest() }
    package func randomBytes(_ count: Int) -> [UInt8] { Bindings.randomBytes(count) }
}

private final class TestDigest: RunningDigest {
    private let bytes = Mutex<[UInt8]>([])
    func update(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    func finish() -> String { SHA256.hexDigest(of: bytes.withLock { $0 }) }
}

package final class RecordedProgress: Progress {
    private let lines = Mutex<[ProgressLine]>([])
    package init() {}
    package func say(_ line: ProgressLine) { lines.withLock { $0.append(line) } }

    package var headings: [String] {
        lines.withLock { lines in lines.compactMap { if case .heading(let text) = $0 { text } else { nil } } }
    }

    package var details: [String] {
        lines.withLock { lines in lines.compactMap { if case .detail(let text) = $0 { text } else { nil } } }
    }

    package var warnings: [String] {
        lines.withLock { lines in lines.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
    }
}

package final class RecordedNotices: Sendable {
    private let state = Mutex<(sent: [String], failure: Failure?)>(([], nil))
    private let faults: Faults

    package init(faults: Faults = Faults()) { self.faults = faults }

    package var sent: [String] { state.withLock { $0.sent } }
    package func fails(with failure: Failure) { state.withLock { $0.failure = failure } }

    fileprivate func send(_ alert: AlertBinding, _ standing: RunResult) throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try faults.call(.notices, "tell \(alert.name)") {}
        state.withLock { $0.sent.append("\(alert.name): \(standing.outcome.word)") }
    }
}

/// Inventories as plain lines.
package struct PlainInventories: InventoryOpening {
    package init() {}

    package func open(key: String, in store: any ReadableStore) async throws -> any InventoryReading {
        let lines = try await store.bytes(of: key).split(separator: 10).map(Array.init)
        return PlainInventory(items: try lines.map { try CanonicalJSON.decode(InventoryItem.self, from: $0) })
    }

    package func create(at path: String) async throws -> any InventoryWriting { PlainInventoryWriter(path: path) }
}

private actor PlainInventoryWriter: InventoryWriting {
    private let path: String
    private var lines: [UInt8] = []

    init(path: String) { self.path = path }

    func write(_ item: InventoryItem) throws { lines += try CanonicalJSON.encode(item) + [10] }

    func close() async throws {
        let (path, lines) = (path, lines)
        try await blocking { _ in try Data(lines).write(to: URL(filePath: path)) }
    }
}

private actor PlainInventory: InventoryReading {
    private var left: [InventoryItem]
    init(items: [InventoryItem]) { left = items.reversed() }
    func next() async throws -> InventoryItem? { left.popLast() }
    func close() async {}
}

package struct NoWeb: WebCaller {
    package init() {}
    package func send(_ method: String, _ url: Secret, headers: [String: String], body: [UInt8]?, within limit: Duration) async throws
        -> WebAnswer
    {
        throw Failure(.unreachable, "there is no web here")
    }
}
