import Bindings
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Keys that do not fit memory go to a disk, and nothing of them stays there.
@Suite(.timeLimit(.minutes(5))) struct DumpMemoryTests {
    private func entries(_ folder: String) async throws -> [String] { try await blocking { _ in try Files.list(folder).map(\.name) } }

    /// A few thousand documents, with edges, repeated keys and ends that lead nowhere.
    private func damaged(in folder: String) async throws -> DumpOnDisk {
        let dump = try await DumpOnDisk.make(in: folder)
        try await dump.structure("v")
        try await dump.structure("e", isEdge: true)
        try await dump.data("v", (0..<3000).map { #"{"_key":"\#($0)"}"# } + [7, 2500, 7].map { #"{"_key":"\#($0)"}"# })
        try await dump.data("e", (0..<3000).map { #"{"_key":"\#($0)","_from":"v/\#($0)","_to":"v/\#($0 * 3 % 3005)"}"# })
        return dump
    }

    @Test(arguments: [1, 2000, 50_000, 16 << 20]) func theSameIsFoundInHoweverLittleMemory(_ memory: Int) async throws {
        try await withTemporaryFolder { folder in
            let scratch = "\(folder)/scratch"
            for name in ["dump", "scratch"] { try await blocking { _ in try Files.makeFolder("\(folder)/\(name)") } }
            let dump = try await damaged(in: "\(folder)/dump")
            var verification = try await dump.verification(scratch: scratch)
            verification.memory = memory
            let report = try await verification.run()
            #expect(
                report.words == [
                    "collection e, documents that edges lead to: 4 of 6000 ends lead to no document: 'e/1000' to v/3000; 'e/1001' to v/3003; 'e/2002' to v/3001; and 1 more",
                    "collection v, keys: '7' stands in line 8 and in line 3001; '2500' stands in line 2501 and in line 3002; '7' stands in line 3001 and in line 3003",
                ])
            #expect(report.collection("v")?.documents == 3000)
            #expect(try await entries(scratch) == [])
        }
    }

    @Test func aPileSpillsAndGivesEverythingBackOnceInOrder() async throws {
        try await withTemporaryFolder { folder in
            let hash = KeyHash(secret: Array(0..<16))
            let all = (0..<5000).map { n in
                let key = Array("\(n)".utf8)
                return DocumentMark(hash(key, key.indices), of: n % 3, .plain, at: .init(file: n % 7, line: Int64(n)))
            }
            for memory in [480, 100_000, 1 << 20] {
                let pile = MarkPile(memory: memory, scratch: folder)
                for start in stride(from: 0, to: all.count, by: 37) { try pile.add(Array(all[start..<min(start + 37, all.count)])) }
                try pile.finish()
                #expect(pile.isInMemory == (memory == 1 << 20))
                // It has no name.
                #expect(try await entries(folder) == [])
                var given: [DocumentMark] = []
                for part in 0..<MarkPile.parts {
                    try pile.marks(of: part, memory: memory) { marks in
                        #expect(marks == marks.sorted() && marks.allSatisfy { $0.part == part })
                        given += marks
                    }
                }
                #expect(given.sorted() == all.sorted())
            }
        }
    }

    @Test func aDiskThatCannotBeWrittenIsToldAsThat() async throws {
        try await withTemporaryFolder { folder in
            var verification = try await damaged(in: folder).verification(scratch: "\(folder)/none")
            verification.memory = 1000
            let cramped = verification
            let failure = await #expect(throws: Failure.self) { _ = try await cramped.run() }
            #expect(failure?.kind == .localStorage)
            #expect(failure?.problem == "cannot keep the keys of the dump on a disk for a while")
        }
    }

    @Test func nothingStaysWhenItIsCancelled() async throws {
        try await withTemporaryFolder { folder in
            let scratch = "\(folder)/scratch"
            for name in ["dump", "scratch"] { try await blocking { _ in try Files.makeFolder("\(folder)/\(name)") } }
            _ = try await damaged(in: "\(folder)/dump")
            let database = try #require(try await ArangoDumpFolder.open("\(folder)/dump").databases.first)
            let (reached, reaching) = AsyncStream.makeStream(of: Void.self)
            let files = StuckFiles(files: database, stuckAt: "\(DumpOnDisk.hashed("e")).data.json.gz", reaching: reaching)
            var verification = DumpVerification(files, scratch: scratch)
            verification.memory = 1000
            // One after the other: the first has spilled when the second one gets stuck.
            verification.width = 1
            let task = Task { [verification] in try await verification.run() }
            for await _ in reached { break }
            #expect(try await entries(scratch) == [])
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await entries(scratch) == [])
            #expect(files.open.withLock { $0 } == 0)
        }
    }

    /// One of the files never comes.
    private final class StuckFiles: ArangoDumpFiles {
        let files: ArangoDumpFolder.Database
        let stuckAt: String
        let reaching: AsyncStream<Void>.Continuation
        let open = Mutex(0)

        init(files: ArangoDumpFolder.Database, stuckAt: String, reaching: AsyncStream<Void>.Continuation) {
            (self.files, self.stuckAt, self.reaching) = (files, stuckAt, reaching)
        }

        var words: String { files.words }
        /// The stuck one is the smallest, and the last.
        var sizes: [String: Int64] { files.sizes.merging([stuckAt: 0]) { $1 } }

        func localPath(of name: String) async throws -> String {
            if name == stuckAt {
                reaching.yield()
                let (never, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                try Task.checkCancellation()
            }
            open.withLock { $0 += 1 }
            return try await files.localPath(of: name)
        }

        func release(_ path: String) async { open.withLock { $0 -= 1 } }
    }
}
