import Bindings
import Documents
import Recovery
import TestSupport

@testable import Engines

/// A server of the tests as steps see it, with names that no other test has.
struct GraphUnderTest: Sendable {
    let server: TestArango
    let target: ArangoTarget
    private let suffix = randomHex(5)

    /// The one that all tests share; or one of its own.
    init(_ own: TestArango? = nil, database: String? = nil) async throws {
        if let own { server = own } else { server = try await TestArango.shared() }
        target = try Self.target(server, database: database)
    }

    static func target(
        _ server: TestArango, database: String? = nil, tools: ArangoTools = ArangoTools(folders: [], path: "", commands: TestCommands())
    ) throws -> ArangoTarget {
        var address = try ArangoAddress.read(server.url, of: "graph")
        address.password = Secret(server.password)
        address.database = database
        return ArangoTarget(
            .configured(role: "graph", ConfiguredTarget(name: "graph", engine: .arangodb, stage: .staging, address: address)),
            http: HTTPClient(), time: RealTime(), tools: tools)
    }

    /// No other test has a database of that name.
    func name(_ word: String) -> String { "lifeboat_\(word)_\(suffix)" }

    func library(_ word: String = "library", books: Int = 60) async throws -> String {
        try await server.fillLibrary(name(word), books: books)
        return name(word)
    }

    func forget(_ databases: String...) async throws {
        for database in databases { _ = try await server.call("DELETE", "/_api/database/\(database.percentEncoded)") }
    }

    // MARK: Backups

    struct Taken: Sendable {
        let captured: Captured
        let items: [InventoryItem]
        let hand: BackupInHand
        let sink: FolderSink

        var collections: [DumpedCollection] { get throws { try items.compactMap { try DumpedCollection($0) } } }

        /// Lines of a collection in the dump, in the order of their text.
        func lines(_ collection: String) async throws -> [String] {
            guard let part = try collections.first(where: { $0.name == collection })?.dataPart else { return [] }
            let path = sink.path(of: part)
            let bytes = try await blocking { _ in
                let reader = try CompressedReader(path, expecting: .gzip)
                var bytes: [UInt8] = []
                while let piece = try reader.next() { bytes += piece }
                return bytes
            }
            return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }.sorted()
        }

        /// The same without what every server makes anew.
        func documents(_ collection: String) async throws -> [String] {
            try await lines(collection).map { line in
                var bytes = Array(line.utf8)
                let mark = Array("\"_rev\":\"".utf8)
                // The server's own stands in front of everything that a document has itself.
                if let start = bytes.prefix(300).firstRange(of: mark)?.lowerBound,
                    let end = bytes[(start + mark.count)...].firstIndex(of: UInt8(ascii: "\""))
                {
                    bytes.removeSubrange(start...end)
                }
                return String(decoding: bytes, as: UTF8.self)
            }.sorted()
        }
    }

    func take(_ object: String?, _ collections: CollectionOptions = .standard, jobs: Int? = nil, local: Bool = true) async throws -> Taken {
        let sink = try await FolderSink()
        let captured = try await target.capture(object: object, CaptureOptions(jobs: jobs, collections: collections), into: sink)
        let items = await sink.items
        return Taken(
            captured: captured, items: items, hand: await sink.backup(captured, of: .arangodb, asRole: "dump", local: local), sink: sink)
    }

    // MARK: Steps

    /// Runs one step as a runbook writes it, with the agreement that its own effects ask for.
    @discardableResult
    func run<S: Step>(
        _ type: S.Type, _ yaml: String, _ backups: [BackupInHand] = [], memory: Memory = Memory(), agreed: Bool = true
    ) async throws -> StepResult {
        let step = try step(type, yaml)
        let effects = agreed ? try await step.effects(reading: target.reading(backups)) : []
        return try await step.run(in: try target.context(backups, memory: memory, agreed: effects))
    }

    func reconcile<S: Step>(_ type: S.Type, _ yaml: String, _ backups: [BackupInHand] = [], memory: Memory) async throws -> Reconciliation {
        try await step(type, yaml).reconcile(reading: target.reading(backups, memory: memory))
    }

    /// The mission: dropped, created, restored.
    func rebuild(_ database: String, from backup: BackupInHand, as other: String? = nil) async throws {
        let name = other ?? database
        if other == nil { try await run(ArangoDropDatabaseStep.self, "{database: \(name), refill: dump}", [backup]) }
        try await run(ArangoCreateDatabaseStep.self, name)
        try await run(ArangoRestoreStep.self, "{database: \(name), name_in_backup: \(database), from: dump}", [backup])
    }
}
