import Bindings
import Documents
import Recovery
import Stores
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Targets and contexts for steps.
enum TestTarget {
    static func disposable(_ server: DisposableServer) -> PostgresTarget { target(.disposable(role: "db", server)) }

    /// The same server as something that is not the drill's: what a recovery acts on.
    static func real(
        _ server: DisposableServer, password: Secret? = nil, database: String? = nil, host: String? = nil,
        time: any TimeSource = RealTime()
    ) -> PostgresTarget {
        var address = server.address
        if let password { address.password = password }
        if let host { address.host = host }
        address.database = database ?? address.database
        return target(
            .configured(role: "db", ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)), time: time)
    }

    private static func target(_ binding: TargetBinding, time: any TimeSource = RealTime()) -> PostgresTarget {
        PostgresTarget(
            PostgresServer(binding, sessionName: "lifeboat tests \(randomHex(4))"), tools: TestServers.tools(), commands: TestCommands(),
            time: time)
    }
}

/// What a step remembers, as the journal would keep it.
final class Memory: Sendable {
    private let values = Mutex<[String: Fact]>([:])
    var all: [String: Fact] { values.withLock { $0 } }
    func keep(_ key: String, _ fact: Fact) { values.withLock { $0[key] = fact } }
}

extension PostgresTarget {
    /// One statement after the other.
    func sql(_ database: String, _ statements: String...) async throws {
        let session = try await session(in: database)
        for statement in statements { try await session.query(statement) }
    }

    /// The answer's first column.
    func column(_ database: String, _ sql: String) async throws -> [String?] {
        try await session(in: database).query(sql).rows.map { $0.first ?? nil }
    }
}

extension EngineTarget {
    func context(
        _ backups: [BackupInHand] = [], memory: Memory = Memory(), commands: any CommandRunner = TestCommands(), agreed: [Effect] = [],
        places: [String: any ReadableTarget] = [:], say: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> StepContext {
        let folder = try TestFolder()
        let digests = CryptoDigests()
        return StepContext(
            run: RunID(rawValue: "20261120T020000Z-test-4f1c9a"), path: "1.1", attempt: 1, isDrill: binding.isDisposable, target: self,
            backups: Dictionary(uniqueKeysWithValues: backups.map { ($0.role, $0) }), apps: [:], alerts: [:], agreed: agreed,
            remembered: memory.all,
            services: StepServices(
                time: RealTime(), commands: commands, web: NoWeb(), people: Nobody(), digests: digests,
                inventories: MemoryInventories(items: []), prover: Prover(digests: digests, time: RealTime(), whenProven: { _ in }),
                taker: NoCopies(), examine: { _, _ in [] }, notify: { _, _, _ in }, scratch: folder.path,
                standing: { SampleResults.passed() },
                say: { words in
                    _ = folder
                    say(words)
                }), places: places,
            remember: { key, value in memory.keep(key, value) })
    }

    /// What somebody agrees to who has seen it there.
    func agreement(toDrop name: String, kind: String = "database") -> [Effect] {
        [Effect(.destroy, ObjectName(target: binding.name, kind: kind, name: name), .known(count: 1, unit: nil, bytes: nil))]
    }

    func reading(_ backups: [BackupInHand] = [], memory: Memory = Memory()) -> StepReading {
        StepReading(
            isDrill: binding.isDisposable, target: reading, backups: Dictionary(uniqueKeysWithValues: backups.map { ($0.role, $0) }),
            apps: [:],
            remembered: memory.all)
    }
}

/// A step as a runbook writes it.
func step<S: DocumentMapping>(_ type: S.Type, _ yaml: String) throws -> S { try S(try YAMLNode.parse(yaml), .plain) }

private struct NoWeb: WebCaller {
    func send(_ method: String, _ url: Secret, headers: [String: String], body: [UInt8]?, within limit: Duration) async throws -> WebAnswer
    {
        throw Failure(.bug, "no step of an engine calls anybody by itself")
    }
}

private struct Nobody: People {
    var canAnswer: Bool { false }
    func ask(_ text: String) async throws -> String? { nil }
}

private struct NoCopies: SafetyCopies {
    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
        throw Failure(.bug, "no step of an engine takes copies")
    }
}
