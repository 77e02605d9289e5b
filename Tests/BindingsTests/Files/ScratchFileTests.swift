import Bindings
import Testing

@Suite(.timeLimit(.minutes(1))) struct ScratchFileTests {
    private struct Pair: BitwiseCopyable, Equatable {
        let one: UInt64
        let other: UInt32
    }

    @Test func whatWasAppendedIsGivenBack() async throws {
        try await withScratchFolder { folder in
            try await blocking { _ in
                let file = try ScratchFile(in: folder)
                let pairs = (0..<1000).map { Pair(one: UInt64($0) << 40, other: UInt32($0)) }
                #expect(try file.append([UInt8](repeating: 7, count: 5)) == 0)
                let start = try file.append(pairs)
                #expect(start == 5)
                #expect(try file.append([UInt8]()) == 5 + Int64(1000 * MemoryLayout<Pair>.stride))
                let some: [Pair] = try file.values(from: start + Int64(10 * MemoryLayout<Pair>.stride), count: 20)
                #expect(some == Array(pairs[10..<30]))
                #expect(try file.values(UInt8.self, from: 0, count: 5) == [7, 7, 7, 7, 7])
                #expect(try file.values(UInt8.self, from: 3, count: 0).isEmpty)
                let failure = #expect(throws: FileError.self) { _ = try file.values(Pair.self, from: start, count: 1001) }
                #expect(failure?.words == "it ends too early")
            }
        }
    }

    @Test func itHasNoNameAndNeedsAFolder() async throws {
        try await withScratchFolder { folder in
            try await blocking { _ in
                let file = try ScratchFile(in: folder)
                _ = try file.append([UInt8](repeating: 1, count: 100))
                #expect(try Files.list(folder).isEmpty)
                let failure = #expect(throws: FileError.self) { _ = try ScratchFile(in: "\(folder)/none") }
                #expect(failure?.reason == .missing)
                #expect(try file.values(UInt8.self, from: 99, count: 1) == [1])
            }
        }
    }

    @Test func threadsMayAppendAtTheSameTime() async throws {
        try await withScratchFolder { folder in
            let file = try await blocking { _ throws(FileError) in try ScratchFile(in: folder) }
            let places = try await withThrowingTaskGroup(of: (UInt8, Int64).self) { group in
                for byte in UInt8(0)..<20 {
                    group.addTask {
                        try await blocking { _ throws(FileError) in (byte, try file.append([UInt8](repeating: byte, count: 5000))) }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(places.map(\.1)).count == 20)
            for (byte, place) in places {
                let values = try await blocking { _ throws(FileError) in try file.values(UInt8.self, from: place, count: 5000) }
                #expect(values.allSatisfy { $0 == byte })
            }
        }
    }
}
