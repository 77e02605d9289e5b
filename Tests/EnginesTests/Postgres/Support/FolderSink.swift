import Bindings
import Recovery
import Stores
import Synchronization

@testable import Engines

/// Takes a capture over into a folder that a `FolderStore` can read.
actor FolderSink: CaptureSink {
    nonisolated let workFolder: String
    private let folder: TestFolder
    private let root: String
    private let id = BackupID(policy: "nightly", set: "20261120T020000Z-4f1c9a", target: "app-db")
    private var artifacts: [Artifact] = []
    private(set) var items: [InventoryItem] = []
    private nonisolated let said = Mutex<[String]>([])

    private let digests: any Digesting

    init(digests: any Digesting = CryptoDigests()) async throws {
        self.digests = digests
        folder = try TestFolder()
        root = folder.path
        workFolder = "\(root)/work"
        try await blocking { [root, workFolder, id] _ in
            try Files.makeFolders("\(root)/\(id)/dump")
            try Files.makeFolders(workFolder)
        }
    }

    func adopt(file path: String, as key: String) async throws {
        let object = try await blocking { [root, id, digests] _ in
            let bytes = try Files.read(path, limit: 1 << 30)
            if let slash = key.lastIndex(of: "/") { try Files.makeFolders("\(root)/\(id)/\(key[..<slash])") }
            try Files.publish(from: path, to: "\(root)/\(id)/\(key)")
            return StoredObject(bytes: Int64(bytes.count), sha256: digests.sha256(bytes))
        }
        artifacts.append(Artifact(key: key, content: object, stored: object))
    }

    func record(_ items: [InventoryItem]) async throws { self.items += items }
    nonisolated func makeNotesFolder() async throws -> String {
        let path = "\(root)/notes-\(randomHex(6))"
        try await blocking { _ in try Files.makeFolder(path) }
        return path
    }
    nonisolated func removeNotesFolder(_ path: String) async throws { try await blocking { _ in _ = try Files.removeTree(path) } }

    /// Notes that were kept.
    nonisolated func notes() async throws -> [String] {
        try await blocking { [root] _ in try Files.list(root).map(\.name).filter { $0.hasPrefix("notes-") }.map { "\(root)/\($0)" } }
    }

    /// What stands in them at this moment, for a server's script that cannot wait.
    nonisolated func notesNow() -> [SnapshotNote] {
        let folders = ((try? Files.list(root)) ?? []).map(\.name).filter { $0.hasPrefix("notes-") }
        return folders.compactMap { name in
            (try? Files.read("\(root)/\(name)/snapshot.json", limit: 1 << 20)).flatMap {
                try? CanonicalJSON.decode(SnapshotNote.self, from: $0)
            }
        }
    }

    nonisolated func progress(_ words: String) { said.withLock { $0.append(words) } }
    nonisolated var lines: [String] { said.withLock { $0 } }

    /// What would be left behind for `sweep`.
    func leftInWorkFolder() async throws -> [String] {
        try await blocking { [workFolder] _ in try Files.list(workFolder).map(\.name) }
    }

    func backup(
        _ captured: Captured, of engine: EngineName = .postgres, asRole role: String = "dump", inventory: [InventoryItem]? = nil,
        local: Bool = true
    ) -> BackupInHand {
        let manifest = Manifest(
            id: id, engine: engine, engineVersion: captured.engineVersion, standIn: false, lifeboatVersion: "0", host: "here",
            startedAt: captured.recoveryPoint, finishedAt: captured.recoveryPoint, recoveryPoint: captured.recoveryPoint,
            complete: captured.problems.isEmpty, problems: captured.problems, failed: captured.failed,
            source: captured.source, artifacts: artifacts,
            inventory: "inventory.jsonl.zst", totals: captured.totals, runbook: nil)
        return BackupInHand(
            role: role, manifest: manifest, manifestSHA256: "", chosen: "named", store: FolderStore(folder: folder, isLocal: local),
            inventories: MemoryInventories(items: inventory ?? items))
    }

    nonisolated func path(of key: String) -> String { "\(root)/nightly/20261120T020000Z-4f1c9a/app-db/\(key)" }

    func remove() async { _ = await blocking { [root] _ in try? Files.removeTree(root) } }
}
