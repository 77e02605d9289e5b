import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What `backups verify --deep` finds in a backup of ArangoDB whose files are not what they were.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoExamineTests {
    private func examine(_ backup: BackupInHand) async throws -> [CheckResult] {
        try await withTemporaryFolder { try await ArangoExamine(backup).examine(scratch: $0) }
    }

    @Test(arguments: [true, false]) func aSoundOnePasses(_ local: Bool) async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library, local: local)
        let checks = try await examine(taken.hand)
        #expect(checks.allSatisfy { $0.verdict == .held }, "\(checks.filter(\.isFinding))")
        #expect(checks.contains { $0.subject == "\(library): collection books" && $0.aspect == "documents" && $0.expected == "60" })
        #expect(checks.contains { $0.subject == "\(library): collection cites" && $0.aspect == "documents that edges lead to" })
        try await graph.forget(library)
    }

    @Test func aFlippedBitAnywhereIsFound() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        for part in taken.hand.manifest.artifacts where !part.key.hasSuffix("dump.json") && !part.key.hasSuffix("ENCRYPTION") {
            let path = taken.sink.path(of: part.key)
            let sound = try await blocking { _ in try Files.read(path, limit: 1 << 24) }
            for place in Set([0, sound.count / 2, sound.count - 1]) {
                var damaged = sound
                damaged[place] ^= 4
                try await blocking { [damaged] _ in try Files.replace(path, damaged) }
                // The header of gzip has bytes that mean nothing.
                let isHarmless = part.key.hasSuffix(".gz") && (4...9).contains(place)
                if isHarmless { continue }
                let failure = await #expect(throws: Failure.self, "\(part.key) at \(place)") { try await examine(taken.hand) }
                #expect(failure?.kind == .damaged, "\(part.key) at \(place): \(String(describing: failure))")
            }
            try await blocking { _ in try Files.replace(path, sound) }
        }
        try await graph.forget(library)
    }

    /// Each is a dump of its own right; only the inventory knows better.
    @Test func documentsThatAreOthersAreFound() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let books = try #require(try taken.collections.first { $0.name == "books" })
        let path = taken.sink.path(of: books.dataPart)
        let lines = try await taken.lines("books")
        func write(_ lines: [String]) async throws {
            try await blocking { _ in
                _ = try Files.removeFile(path)
                let writer = try CompressedWriter(creating: path, .gzip)
                try writer.write(Array(lines.map { $0 + "\n" }.joined().utf8))
                try writer.finish()
            }
        }
        try await write(Array(lines.dropLast()))
        var failure = await #expect(throws: Failure.self) { try await examine(taken.hand) }
        #expect(failure?.problem.hasSuffix("collection books, documents: expected 60, found 59") == true, "\(String(describing: failure))")
        try await write(lines.dropLast() + [lines[0]])
        failure = await #expect(throws: Failure.self) { try await examine(taken.hand) }
        #expect(
            failure?.problem.contains("collection books, keys: expected valid, and each once") == true, "\(String(describing: failure))")
        try await write(lines.reversed())
        #expect(try await examine(taken.hand).allSatisfy { !$0.isFinding })
        try await graph.forget(library)
    }

    @Test func aForeignPartIsRefused() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let sink = try await FolderSink()
        let captured = try await graph.target.capture(object: library, .standard, into: sink)
        let stray = "\(sink.workFolder)/stray"
        try await blocking { _ in try Files.create(stray, [1]) }
        try await sink.adopt(file: stray, as: "dump/\(library)/books.data.json")
        let hand = await sink.backup(captured, of: .arangodb)
        let failure = await #expect(throws: Failure.self) { try await examine(hand) }
        #expect(failure?.kind == .damaged && failure?.problem.hasSuffix("it is foreign: the inventory does not name it") == true)
        try await graph.forget(library)
    }
}
