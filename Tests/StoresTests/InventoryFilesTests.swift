import Bindings
import Recovery
import Stores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InventoryFilesTests {
    private static func items(_ count: Int) -> [InventoryItem] {
        (0..<count).map {
            InventoryItem(kind: "table", name: "public.t\($0) \"ü\n\"", count: Int64($0) << 33, facts: ["b": "2", "a": "1"])
        }
    }

    private func packed(_ items: [InventoryItem]) async throws -> [UInt8] {
        try await withTemporaryFolder { folder in
            let writer = try await InventoryFiles().create(at: folder + "/inventory.jsonl.zst")
            for item in items { try await writer.write(item) }
            try await writer.close()
            return try await read(folder + "/inventory.jsonl.zst")
        }
    }

    private func unpack(_ bytes: [UInt8]) async throws -> [InventoryItem] {
        try await InventoryFiles().open(key: "set/inventory", in: MemoryStore(name: "main", holding: ["set/inventory": bytes])).all()
    }

    @Test(arguments: [0, 1, 3, 60_000])
    func whatIsWrittenIsReadBack(_ count: Int) async throws {
        let items = Self.items(count)
        #expect(try await unpack(try await packed(items)) == items)
    }

    @Test func theFileIsZstandardOfSortedJSONLines() async throws {
        let bytes = try await packed([InventoryItem(kind: "table", name: "public.books", count: 3, facts: ["b": "2", "a": "1"])])
        let reader = try CompressedReader(named: "test", expecting: .zstd, next: Pieces([bytes]).next)
        let text = String(decoding: try reader.next() ?? [], as: UTF8.self)
        #expect(text == #"{"count":3,"facts":{"a":"1","b":"2"},"kind":"table","name":"public.books"}"# + "\n")
    }

    @Test func anInventoryThatWasNotClosedIsNotThere() async throws {
        try await withTemporaryFolder { folder in
            do {
                let writer = try await InventoryFiles().create(at: folder + "/inventory.jsonl.zst")
                try await writer.write(Self.items(1)[0])
            }
            #expect(await !isThere(folder + "/inventory.jsonl.zst"))
        }
    }

    @Test func everyTruncationIsDamage() async throws {
        let bytes = try await packed(Self.items(20))
        for length in 0..<bytes.count {
            let failure = await #expect(throws: Failure.self, "\(length)") { try await unpack(Array(bytes.prefix(length))) }
            #expect(failure?.kind == .damaged, "\(length)")
            #expect(failure?.problem.hasPrefix("inventory set/inventory in store 'main' is damaged: ") == true)
        }
    }

    @Test func whatIsNoItemIsDamageWithItsLine() async throws {
        for (text, problem) in [
            (#"{"kind":"table","name":"a","facts":{}}"# + "\n" + "garbage\n", "line 2 is not an item"),
            ("\n", "line 1 is not an item"),
            (#"{"kind":"table","name":"a","facts":{}}"#, "its last line is cut off"),
        ] {
            let failure = await #expect(throws: Failure.self) { try await unpack(try pack(text)) }
            #expect(failure?.kind == .damaged)
            #expect(failure?.problem == "inventory set/inventory in store 'main' is damaged: \(problem)")
        }
    }

    @Test func aStoreThatStopsAnsweringIsNotDamage() async throws {
        let memory = MemoryStore(holding: ["set/inventory": try await packed(Self.items(60_000))])
        let reader = try await InventoryFiles().open(key: "set/inventory", in: FaultyStore(memory, failingCall: 2))
        #expect(await #expect(throws: Failure.self) { try await reader.all() }?.kind == .storeUnavailable)
    }

    @Test func aMissingInventoryIsNotFound() async throws {
        #expect(await #expect(throws: Failure.self) { try await InventoryFiles().open(key: "x", in: MemoryStore()) }?.kind == .notFound)
    }

    private func pack(_ text: String) throws -> [UInt8] {
        let sink = Pieces([])
        let writer = try CompressedWriter(named: "test", into: sink.add)
        try writer.write(Array(text.utf8))
        try writer.finish()
        return sink.all
    }
}
