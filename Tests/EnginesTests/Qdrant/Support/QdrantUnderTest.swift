import Bindings
import Documents
import Recovery
import Stores
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// A server of the tests as steps see it, with names that no other test has.
struct QdrantUnderTest: Sendable {
    let server: TestQdrant
    let target: QdrantTarget
    private let suffix = randomHex(5)

    /// The one that all tests share; or one of its own.
    init(_ own: TestQdrant? = nil, stage: Stage = .staging) async throws {
        if let own { server = own } else { server = try await TestQdrant.shared() }
        target = try Self.target(server, stage: stage)
    }

    static func target(_ server: TestQdrant, stage: Stage = .staging) throws -> QdrantTarget {
        var address = try QdrantAddress.read(server.url, of: "vectors")
        if !server.key.isEmpty { address.password = Secret(server.key) }
        return QdrantTarget(
            .configured(role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: stage, address: address)),
            http: HTTPClient(), time: RealTime())
    }

    /// No other test has a collection of that name.
    func name(_ word: String) -> String { "lifeboat_\(word)_\(suffix)" }

    /// A collection of books.
    func books(_ word: String = "books", points: Int = 60) async throws -> String {
        try await server.fillBooks(name(word), points: points)
        return name(word)
    }

    func forget(_ collections: String...) async throws {
        for collection in collections { try await server.ask("DELETE", "/collections/\(collection)") }
    }

    // MARK: Backups

    /// What a capture gave, and what a store would hold of it.
    struct Taken: Sendable {
        let captured: Captured
        let items: [InventoryItem]
        let hand: BackupInHand
        let sink: FolderSink
        var said: [String] { sink.lines }

        var collections: [CapturedCollection] { get throws { try items.compactMap { try CapturedCollection($0) } } }
        func items(_ kind: String) -> [InventoryItem] { items.filter { $0.kind == kind } }
    }

    /// Of one collection, or of those that the options choose.
    func take(_ object: String?, _ collections: CollectionOptions = .standard, fingerprints: Bool = false, local: Bool = true) async throws
        -> Taken
    {
        let sink = try await FolderSink()
        let captured = try await target.capture(
            object: object,
            CaptureOptions(fingerprint: fingerprints ? [try ContentPattern(scalar: "points")] : [], collections: collections), into: sink)
        let items = await sink.items
        return Taken(
            captured: captured, items: items, hand: await sink.backup(captured, of: .qdrant, asRole: "snapshot", local: local), sink: sink)
    }

    /// A backup that holds a file of another server as the snapshot of `collection`.
    static func holding(
        _ path: String, of collection: String, points: Int64, config: JSONValue, version: String, sha256: String? = nil
    ) async throws -> BackupInHand {
        let sink = try await FolderSink()
        let key = PartName.snapshot(of: collection, peer: "")
        let work = "\(sink.workFolder)/snapshot"
        try await blocking { _ in _ = try Files.copy(from: path, to: work) }
        try await sink.adopt(file: work, as: key)
        let captured = CapturedCollection(
            name: collection, points: points, way: .snapshot, config: config, status: "green", parts: ["": key], fingerprints: nil,
            writers: .idle)
        try await sink.record([captured.item])
        return await sink.backup(
            Captured(
                engineVersion: version, standIn: true,
                source: SourceIdentity(engine: .qdrant, address: "nowhere:6333", system: nil, database: nil),
                recoveryPoint: Timestamp(millisecondsSince1970: 1_795_000_000_000), totals: ["collections": 1], problems: []),
            of: .qdrant, asRole: "snapshot")
    }

    // MARK: Steps

    /// Runs one step as a runbook writes it, with the agreement that its own effects ask for.
    @discardableResult
    func run<S: Step>(
        _ type: S.Type, _ yaml: String, _ backups: [BackupInHand] = [], memory: Memory = Memory(), agreed: Bool = true,
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> StepResult {
        let step = try step(type, yaml)
        let effects = agreed ? try await step.effects(reading: target.reading(backups)) : []
        return try await step.run(in: try target.context(backups, memory: memory, agreed: effects, say: say))
    }

    func reconcile<S: Step>(_ type: S.Type, _ yaml: String, _ backups: [BackupInHand] = [], memory: Memory) async throws -> Reconciliation {
        try await step(type, yaml).reconcile(reading: target.reading(backups, memory: memory))
    }

    /// From the first step of the mission's runbook that changes anything to the last.
    func rebuild(_ collection: String, from backup: BackupInHand) async throws {
        try await run(DropCollectionStep.self, "{collection: \(collection), refill: snapshot}", [backup])
        try await run(RecoverSnapshotStep.self, "{collection: \(collection), from: snapshot}", [backup])
    }
}

/// The findings of a result, as `subject: aspect`.
extension StepResult {
    var findings: [String] { checks.filter(\.isFinding).map { "\($0.subject): \($0.aspect)" } }
}

/// What was said while something ran.
final class Said: Sendable {
    private let words = Mutex<[String]>([])
    var lines: [String] { words.withLock { $0 } }
    func callAsFunction(_ line: String) { words.withLock { $0.append(line) } }
}
