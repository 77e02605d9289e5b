import Bindings
import Recovery

/// Writes an inventory. What is not closed is not there.
actor InventoryWriter: InventoryWriting {
    private let path: String
    /// Nil after `close`.
    private var file: CompressedWriter?
    private var lines: [UInt8] = []

    private static let piece = 256 << 10

    init(creating path: String) async throws {
        self.path = path
        file = try await Self.working("create", path) { try CompressedWriter(creating: path) }
    }

    func write(_ item: InventoryItem) async throws {
        lines += try CanonicalJSON.encode(item)
        lines.append(UInt8(ascii: "\n"))
        if lines.count >= Self.piece { try await flush() }
    }

    func close() async throws {
        guard file != nil else { return }
        try await flush()
        guard let file else { return }
        try await Self.working("finish", path) { try file.finish() }
        self.file = nil
    }

    private func flush() async throws {
        guard let file else { throw Failure(.bug, "the inventory \(path) was closed before") }
        let full = lines
        lines.removeAll(keepingCapacity: true)
        try await Self.working("write", path) { try file.write(full) }
    }

    private static func working<Result: Sendable>(
        _ verb: String, _ path: String, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await blocking { _ in
            do { return try body() } catch let error as FileError {
                throw error.asFailure(.localStorage, "cannot \(verb) the inventory", where: path)
            } catch let error as CompressionError {
                throw Failure(.localStorage, "cannot \(verb) the inventory: \(error)")
            }
        }
    }
}
