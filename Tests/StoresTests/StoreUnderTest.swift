import Recovery
import Stores
import TestSupport
import Testing

/// The stores that the contract is held against.
enum StoreUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case memory, directory

    var testDescription: String { rawValue }

    /// A new and empty one.
    func withStore(_ use: (any Store) async throws -> Void) async throws {
        switch self {
        case .memory: try await use(MemoryStore())
        case .directory:
            try await withTemporaryFolder { folder in
                try await use(DirectoryStore(name: "main", path: folder, owner: .us))
            }
        }
    }
}
