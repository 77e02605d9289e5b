import Bindings
import Dispatch
import Recovery
import Synchronization

/// Reads an inventory, some hundred kilobytes at a time. Whatever is wrong with it is damage to the backup, and said so.
actor InventoryReader: InventoryReading {
    private let source: any StoreReader
    /// `inventory KEY in store 'NAME'`.
    private let words: String
    private var unpacker: CompressedReader?
    private var isClosed = false
    private var items: ArraySlice<InventoryItem> = []
    /// The beginning of a line whose end is not read yet.
    private var rest: [UInt8] = []
    private var linesRead = 0

    private static let longestLine = 4 << 20

    init(_ source: any StoreReader, of words: String) {
        self.source = source
        self.words = words
    }

    func next() async throws -> InventoryItem? {
        while items.isEmpty, !isClosed {
            guard let piece = try await unpack() else {
                guard rest.isEmpty else { throw damaged("its last line is cut off") }
                return nil
            }
            try decode(piece)
        }
        return items.popFirst()
    }

    func close() async {
        isClosed = true
        items = []
        unpacker = nil
        await source.close()
    }

    private func unpack() async throws -> [UInt8]? {
        do {
            // Made here and not in the initializer, since it reads.
            let opened = try await opened()
            return try await blocking { _ in try opened.next() }
        } catch let error as CompressionError {
            if error.reason == .failed { throw Failure(.localStorage, "cannot read \(words): \(error)") }
            throw damaged("\(error)")
        }
    }

    private func opened() async throws -> CompressedReader {
        if let unpacker { return unpacker }
        let source = source
        let opened = try await blocking { _ in
            try CompressedReader(named: "it", expecting: .zstd) { try waiting { try await source.next() } }
        }
        unpacker = opened
        return opened
    }

    private func decode(_ piece: [UInt8]) throws {
        rest += piece
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            if rest.count > Self.longestLine { throw damaged("line \(linesRead + 1) is longer than any item") }
            return
        }
        var found: [InventoryItem] = []
        for line in rest[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            linesRead += 1
            guard let item = try? CanonicalJSON.decode(InventoryItem.self, from: Array(line)) else {
                throw damaged("line \(linesRead) is not an item")
            }
            found.append(item)
        }
        rest.removeSubrange(...end)
        items = found[...]
    }

    private func damaged(_ why: String) -> Failure {
        Failure(
            .damaged, "\(words) is damaged: \(why)",
            hint:
                "without its inventory nothing can be compared after a restore: use another backup, and find out what happened to the store"
        )
    }
}

/// Waits on a blocking thread for something that runs on the cooperative pool. Never to be called from there.
private func waiting<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let result = await outcomeOf(body)
        outcome.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    guard let result = outcome.withLock({ $0 }) else { throw Failure(.bug, "a piece was announced and not delivered") }
    return try result.get()
}

private func outcomeOf<Result: Sendable>(_ body: @Sendable () async throws -> Result) async -> Swift.Result<Result, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}
