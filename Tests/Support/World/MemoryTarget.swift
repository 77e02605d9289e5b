import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

/// A memory server as plans see it: there is nothing here to write with.
package struct ReadableMemory: ReadableTarget {
    package let binding: TargetBinding
    private let server: MemoryServer
    /// Nil: it is asked anew each time.
    private let silence: Silence?

    fileprivate init(binding: TargetBinding, server: MemoryServer, silence: Silence? = nil) {
        self.binding = binding
        self.server = server
        self.silence = silence
    }

    func rows(of database: String) throws -> [Int]? { try ask { try $0.rows(of: database) } }
    func number(of database: String) throws -> Int? { try ask { try $0.number(of: database) } }
    func lack() throws -> Failure? { try ask { try $0.lack() } }

    private func ask<Answer>(_ question: (MemoryServer) throws -> Answer) throws -> Answer {
        try silence?.refuse()
        do { return try question(server) } catch let failure as Failure {
            silence?.note(failure)
            throw failure
        }
    }
}

package struct MemoryTarget: EngineTarget {
    package let binding: TargetBinding
    package let server: MemoryServer
    private let holdsLock = LockFlag()

    package init(binding: TargetBinding, server: MemoryServer) {
        self.binding = binding
        self.server = server
    }

    package var reading: any ReadableTarget { ReadableMemory(binding: binding, server: server) }

    package func reading(afterSilence silence: Failure?) -> any ReadableTarget {
        ReadableMemory(binding: binding, server: server, silence: Silence(silence))
    }

    package func identity() async throws -> SourceIdentity {
        SourceIdentity(engine: MemoryEngine.engineName, address: binding.address.text, system: try server.system(), database: nil)
    }

    package func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        let system = try server.system()
        guard let object, let rows = try server.rows(of: object) else { throw Failure(.notFound, "there is no database '\(object ?? "")'") }
        let file = "\(sink.workFolder)/rows"
        try await blocking { _ in try Data(rows.map(UInt8.init)).write(to: URL(filePath: file)) }
        try await sink.adopt(file: file, as: "rows")
        try await sink.record([InventoryItem(kind: "database", name: object, count: Int64(rows.count))])
        return Captured(
            engineVersion: "1.0", standIn: false,
            source: SourceIdentity(engine: MemoryEngine.engineName, address: binding.address.text, system: system, database: object),
            recoveryPoint: Timestamp(millisecondsSince1970: 1_795_000_000_000), totals: ["rows": Int64(rows.count)], problems: [])
    }

    package func lockOnServer(_ mode: LockMode, as holder: String) async throws {
        try server.lock(for: holder)
        holdsLock.isSet = true
    }

    package func close() async {
        if holdsLock.isSet { server.unlock() }
        holdsLock.isSet = false
    }
}

private final class LockFlag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
