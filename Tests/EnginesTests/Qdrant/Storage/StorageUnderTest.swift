import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// A server of its own with books in it, and its folder as a target names it.
struct StorageUnderTest: Sendable {
    let server: TestQdrant
    let target: QdrantTarget
    let folder: StorageFolder

    static let run = RunID(rawValue: "20261120T020000Z-test-4f1c9a")

    /// - Parameters:
    ///   - isStopped: whether it is put down, as a service manager does it, once it has its books.
    ///   - hasEverything: a second collection, with every kind of vector.
    static func with<Result>(isStopped: Bool = true, hasEverything: Bool = false, _ use: (StorageUnderTest) async throws -> Result)
        async throws -> Result
    {
        let server = try await TestQdrant.start()
        try await server.fillBooks("books", points: 60)
        if hasEverything { try await server.fillEverything("everything") }
        try await server.alias("shelf", for: "books")
        if isStopped { try await server.stop() }
        return try await use(StorageUnderTest(server))
    }

    private init(_ server: TestQdrant) throws {
        self.server = server
        folder = StorageFolder(path: "\(server.folder)/storage")
        target = try Self.target(server, storage: folder.path)
    }

    static func target(_ server: TestQdrant, storage: String?) throws -> QdrantTarget {
        var address = try QdrantAddress.read(server.url, of: "vectors")
        address.password = Secret(server.key)
        return QdrantTarget(
            .configured(
                role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address, storage: storage)),
            http: HTTPClient(), time: RealTime())
    }

    // MARK: Backups

    func take(_ collections: CollectionOptions = CollectionOptions(way: .storage)) async throws -> QdrantUnderTest.Taken {
        let sink = try await FolderSink()
        let captured = try await target.capture(object: nil, CaptureOptions(collections: collections), into: sink)
        return QdrantUnderTest.Taken(
            captured: captured, items: await sink.items, hand: await sink.backup(captured, of: .qdrant, asRole: "storage"), sink: sink)
    }

    /// The same backup after something was done to the file that holds the folder.
    func damaged(_ taken: QdrantUnderTest.Taken, _ damage: @escaping @Sendable (inout [UInt8]) -> Void) async throws -> BackupInHand {
        let path = taken.sink.path(of: PartName.storage)
        try await blocking { _ in
            var bytes = try Files.read(path, limit: 1 << 30)
            damage(&bytes)
            try Files.replace(path, bytes)
        }
        return taken.hand
    }

    func examine(_ backup: BackupInHand) async throws -> [CheckResult] {
        try await withTemporaryFolder { try await QdrantExamine(backup).examine(scratch: $0) }
    }

    // MARK: Steps

    func stage(_ backup: BackupInHand, memory: Memory = Memory(), _ more: String = "") async throws -> StepResult {
        try await step(StageStorageStep.self, "{from: storage\(more)}").run(in: target.context([backup], memory: memory))
    }

    func replace(_ backup: BackupInHand, memory: Memory = Memory(), agreed: Bool = true) async throws -> StepResult {
        let step = try step(ReplaceStorageStep.self, "storage")
        let effects = agreed ? try await step.effects(reading: target.reading([backup])) : []
        return try await step.run(in: target.context([backup], memory: memory, agreed: effects))
    }

    /// Names beside the server's folder.
    func beside() async throws -> [String] {
        try await blocking { [folder] _ in try Files.list(folder.parent).filter { $0.status.kind == .folder }.map(\.name) }.filter {
            $0.hasPrefix("storage")
        }
    }

    /// Every file of a folder with its hash.
    func contents(of folder: StorageFolder) async throws -> [String: String] {
        let entries = try await blocking { flag in try FolderTree.list(folder.path, until: flag) }
        var contents: [String: String] = [:]
        for entry in entries {
            contents[entry.path] = entry.status.kind == .file ? try await hashFile("\(folder.path)/\(entry.path)").sha256 : "folder"
        }
        return contents
    }
}
