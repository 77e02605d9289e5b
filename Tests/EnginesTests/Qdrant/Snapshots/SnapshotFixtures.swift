import Bindings
import Documents
import Engines
import FoundationEssentials
import TestSupport

/// Snapshots that real servers wrote, with what those servers said about them.
enum SnapshotFixtures {
    static let folder = "\(Program.checkout)/../shared/contracts/qdrant/snapshots"
    static let isThere = FileManager.default.fileExists(atPath: "\(folder)/1.18.3/index.json")

    struct Fixture: Sendable, CustomStringConvertible {
        let version: String
        let name: String
        /// Its entry in `index.json`.
        let facts: JSONValue

        var description: String { "\(version)/\(name)" }
        var bytes: Int64 { facts["bytes"]?.int ?? 0 }
        var sha256: String { facts["sha256"]?.string ?? "" }
        var count: Int64? { facts["exact_count"]?.int }

        /// What was unpacked, gone with `use`.
        func unpacked<Result>(_ use: (_ path: String) async throws -> Result) async throws -> Result {
            try await withTemporaryFolder { folder in
                let path = "\(folder)/\(name).snapshot"
                try await write(try await contents(), to: path)
                return try await use(path)
            }
        }

        func contents() async throws -> [UInt8] {
            let packed = "\(SnapshotFixtures.folder)/\(version)/\(name).snapshot.zst"
            return try await blocking { _ in
                let reader = try CompressedReader(packed, expecting: .zstd)
                var bytes: [UInt8] = []
                while let piece = try reader.next() { bytes += piece }
                return bytes
            }
        }
    }

    static let all: [Fixture] = ["1.15.5", "1.16.3", "1.18.3"].flatMap { version in
        let index = (try? String(contentsOfFile: "\(folder)/\(version)/index.json", encoding: .utf8)) ?? "[]"
        return ((try? JSONValue(parsing: index))?.array ?? []).map { facts in
            Fixture(version: version, name: (facts["file"]?.string ?? "").replacing(".snapshot.zst", with: ""), facts: facts)
        }
    }

    static func fixture(_ version: String, _ name: String) throws -> Fixture {
        guard let found = all.first(where: { $0.version == version && $0.name == name }) else {
            throw TestFailure("there is no fixture \(version)/\(name)")
        }
        return found
    }
}

/// A snapshot out of bytes.
func snapshot(of bytes: [UInt8], _ thoroughness: QdrantSnapshot.Thoroughness = .whole) async throws -> QdrantSnapshot {
    try await withTemporaryFolder { folder in
        let path = "\(folder)/s.snapshot"
        try await write(bytes, to: path)
        return try await QdrantSnapshot.read(path, thoroughness)
    }
}
