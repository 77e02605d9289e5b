import Bindings
import Recovery
import Synchronization

/// An object of a directory store, piece by piece.
final class DirectoryReader: StoreReader {
    private let reader: Mutex<FileReader?>
    private let store: DirectoryStore
    private let key: String

    init(_ reader: FileReader, of store: DirectoryStore, key: String) {
        self.reader = Mutex(reader)
        self.store = store
        self.key = key
    }

    func next() async throws -> [UInt8]? {
        guard let reader = reader.withLock({ $0 }) else { return nil }
        return try await store.working("read \(key)") { try reader.next(upTo: 1 << 20) }
    }

    func close() async { reader.withLock { $0 = nil } }
}
