import Bindings
import Recovery
import Stores
import Synchronization
import Testing

@testable import Engines

/// A backup in a folder of its own, made by pg_dump alone: a dump, and the inventory that a test gives it.
struct TestBackup: Sendable {
    let hand: BackupInHand

    static func dump(
        _ database: String, of server: DisposableServer, items: [InventoryItem] = [], asRole role: String = "dump", local: Bool = true
    ) async throws -> TestBackup {
        let holder = try TestFolder()
        let root = holder.path
        let id = BackupID(policy: "nightly", set: "20261120T020000Z-4f1c9a", target: "app-db")
        let folder = "\(root)/\(id)"
        try await blocking { _ in try Files.makeFolders(folder) }
        let version = try #require(PostgresVersion(server.identity.version))
        let tool = try await TestServers.tools().client("pg_dump", forServer: version.major)
        let target = TestTarget.disposable(server)
        let parameters = try target.server.parameters(database: database)
        let outcome = try await PostgresLogin.use(
            parameters, password: server.address.password, folder: root, options: PostgresServer.unlimited
        ) { login in
            try await TestCommands().run(
                CommandSpec(
                    tool.path, ["--format=directory", "--file=\(folder)/dump", "--no-password", "--dbname=\(login.connection)"],
                    environment: login.environment))
        }
        try #require(outcome.succeeded, "\(outcome.errors)")
        await target.close()
        return try await TestBackup(holder, id: id, version: server.identity.version, items, role: role, local: local)
    }

    private init(_ holder: TestFolder, id: BackupID, version: String, _ items: [InventoryItem], role: String, local: Bool) async throws {
        let root = holder.path
        let files = try await blocking { _ in try Files.list("\(root)/\(id)/dump") }
        let artifacts = try await blocking { _ in
            try files.map { file in
                let bytes = try Files.read("\(root)/\(id)/dump/\(file.name)", limit: 1 << 30)
                let object = StoredObject(bytes: Int64(bytes.count), sha256: CryptoDigests().sha256(bytes))
                return Artifact(key: "dump/\(file.name)", content: object, stored: object)
            }
        }
        let moment = Timestamp(millisecondsSince1970: 1_795_000_000_000)
        let manifest = Manifest(
            id: id, engine: .postgres, engineVersion: version, standIn: false, lifeboatVersion: "0", host: "here", startedAt: moment,
            finishedAt: moment, recoveryPoint: moment, complete: true, problems: [],
            source: SourceIdentity(engine: .postgres, address: "nowhere:1", system: nil, database: "app"), artifacts: artifacts,
            inventory: "inventory.jsonl.zst", totals: ["rows": 3], runbook: nil)
        hand = BackupInHand(
            role: role, manifest: manifest, manifestSHA256: "", chosen: "named", store: FolderStore(folder: holder, isLocal: local),
            inventories: MemoryInventories(items: items))
    }

    /// What an inventory says of a database made like this one.
    static func databaseItem(
        _ name: String, encoding: String = "UTF8", collation: String = "C.UTF-8", _ more: [String: String] = [:]
    ) -> InventoryItem {
        InventoryItem(
            kind: "database", name: name,
            facts: [
                "encoding": encoding, "collation": collation, "character type": collation, "provider": "libc", "owner": "postgres",
                "connection limit": "-1",
            ].merging(more) { $1 })
    }
}

struct MemoryInventories: InventoryOpening {
    let items: [InventoryItem]

    func open(key: String, in store: any ReadableStore) async throws -> any InventoryReading { Reading(items) }
    func create(at path: String) async throws -> any InventoryWriting { throw Failure(.bug, "nothing is written here") }

    private actor Reading: InventoryReading {
        private var rest: ArraySlice<InventoryItem>
        init(_ items: [InventoryItem]) { rest = items[...] }
        func next() -> InventoryItem? { rest.popFirst() }
        func close() {}
    }
}

struct FolderStore: ReadableStore {
    let name = "main"
    var location: String { root }
    let folder: TestFolder
    private var root: String { folder.path }
    /// Whether tools may read where it lies.
    let isLocal: Bool

    func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] { [] }
    func size(of key: String) async throws -> Int64? { nil }
    func localPath(of key: String) -> String? { isLocal ? "\(root)/\(key)" : nil }

    func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        Reader(try await blocking { [root] _ in try Files.read("\(root)/\(key)", limit: 1 << 30) })
    }

    private actor Reader: StoreReader {
        private var bytes: [UInt8]?
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        func next() -> [UInt8]? {
            defer { bytes = nil }
            return bytes
        }
        func close() {}
    }
}
