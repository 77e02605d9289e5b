import Recovery
import TestSupport
import Testing

@Suite struct FaultyStoreTests {
    @Test(arguments: FaultyStore.Moment.allCases)
    func exactlyTheNthCallFails(_ moment: FaultyStore.Moment) async throws {
        let memory = MemoryStore()
        let store = FaultyStore(memory, failingCall: 2, moment)
        try await store.create("a", [1])
        #expect(!store.hasFailed)
        #expect(await #expect(throws: Failure.self) { try await store.create("b", [2]) }?.kind == .storeUnavailable)
        #expect(store.hasFailed)
        try await store.create("c", [3])
        #expect(memory.keys == (moment == .beforeTheEffect ? ["a", "c"] : ["a", "b", "c"]))
    }

    @Test func readingFailsInTheMiddleToo() async throws {
        let store = FaultyStore(MemoryStore(holding: ["a": [UInt8](repeating: 1, count: 3 << 20)]), failingCall: 3)
        let reader = try await store.open("a", from: 0)
        #expect(try await reader.next()?.count == 1 << 20)
        await #expect(throws: Failure.self) { try await reader.next() }
    }
}
