import Bindings
import Recovery
import Synchronization
import TestSupport
import Testing

/// What every store promises. A new kind of store is one more case here.
@Suite(.timeLimit(.minutes(1)))
struct StoreContractTests {
    @Test(arguments: StoreUnderTest.allCases)
    func whatIsCreatedIsThere(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("nightly/set/app-db/manifest.json", [1, 2, 3])
            #expect(try await store.bytes(of: "nightly/set/app-db/manifest.json") == [1, 2, 3])
            #expect(try await store.size(of: "nightly/set/app-db/manifest.json") == 3)
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEmptyObjectIsAnObject(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("empty", [])
            #expect(try await store.size(of: "empty") == 0)
            #expect(try await store.bytes(of: "empty") == [])
            #expect(try await store.list("") == [StoreEntry(name: "empty", kind: .object(bytes: 0))])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func whatExistsIsNeverReplaced(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("a/b", [1])
            let failure = await #expect(throws: Failure.self) { try await store.create("a/b", [2]) }
            #expect(failure?.kind == .refused)
            #expect(failure?.problem == "a/b exists in store '\(store.name)' already, and nothing in a store is ever replaced")
            #expect(try await store.bytes(of: "a/b") == [1])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func ofManyWhoCreateOneKeyExactlyOneWins(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            let winners = await withTaskGroup(of: UInt8?.self) { group in
                for writer in UInt8(0)..<16 {
                    group.addTask {
                        do {
                            try await store.create("race/key", Array(repeating: writer, count: 4096))
                            return writer
                        } catch { return nil }
                    }
                }
                return await group.reduce(into: [UInt8]()) { winners, winner in winners += [winner].compactMap(\.self) }
            }
            #expect(winners.count == 1)
            let expected = [UInt8](repeating: try #require(winners.first), count: 4096)
            #expect(try await store.bytes(of: "race/key") == expected)
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anObjectIsInvisibleUntilItIsWhole(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            let bytes = [UInt8](repeating: 7, count: 16 << 20)
            let done = Atomic(false)
            async let sizes = {
                var sizes: Set<Int64> = []
                while !done.load(ordering: .acquiring) {
                    for entry in try await store.list("big") {
                        if case .object(let bytes) = entry.kind { sizes.insert(bytes) }
                    }
                    if let size = try await store.size(of: "big/one") { sizes.insert(size) }
                }
                return sizes
            }()
            for n in ["one", "two", "three"] { try await store.create("big/\(n)", bytes) }
            done.store(true, ordering: .releasing)
            let seen = try await sizes
            #expect(seen.isSubset(of: [Int64(bytes.count)]))
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anAdoptedFileIsHashedAndGone(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            let folder = try await store.makeWorkFolder(owner: "host+1+1")
            let file = "\(folder)/dump.dat"
            try await write([97, 98, 99], to: file)
            let stored = try await store.adopt(file: file, as: "set/dump.dat")
            #expect(stored == StoredObject(bytes: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
            #expect(try await store.bytes(of: "set/dump.dat") == [97, 98, 99])
            #expect(await !isThere(file))
            try await store.removeWorkFolder(folder)
            #expect(await !isThere(folder))
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aFileThatCannotBeAdoptedStaysWhereItIs(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("taken", [1])
            let folder = try await store.makeWorkFolder(owner: "host+1+1")
            try await write([2], to: "\(folder)/file")
            let failure = await #expect(throws: Failure.self) { try await store.adopt(file: "\(folder)/file", as: "taken") }
            #expect(failure?.kind == .refused)
            #expect(await isThere("\(folder)/file"))
            #expect(try await store.bytes(of: "taken") == [1])
            try await store.removeWorkFolder(folder)
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func workFoldersAreNoObjects(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            let folder = try await store.makeWorkFolder(owner: "host+1+1")
            try await write([1], to: "\(folder)/file")
            #expect(try await store.list("") == [])
            try await store.removeWorkFolder(folder)
            try await store.removeWorkFolder(folder)
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func listingsShowFoldersAndObjectsInTheOrderOfBytes(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            for key in ["p/z", "p/é", "p/Z", "p/a/x", "p/a/y/z", "p/a-b", "q"] { try await store.create(key, [0]) }
            let object = StoreEntry.Kind.object(bytes: 1)
            #expect(
                try await store.list("p") == [
                    StoreEntry(name: "Z", kind: object), StoreEntry(name: "a", kind: .folder), StoreEntry(name: "a-b", kind: object),
                    StoreEntry(name: "z", kind: object), StoreEntry(name: "é", kind: object),
                ])
            #expect(try await store.list("").map(\.name) == ["p", "q"])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func listingsComeInPages(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            for n in 10..<35 { try await store.create("p/\(n)", []) }
            var names: [String] = []
            var page: [StoreEntry]
            repeat {
                page = try await store.list("p", after: names.last, limit: 7)
                #expect(page.count <= 7)
                names += page.map(\.name)
            } while !page.isEmpty
            #expect(names == (10..<35).map { "\($0)" })
            #expect(try await store.list("p", after: "129", limit: 2).map(\.name) == ["13", "14"])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func belowWhatIsNoFolderThereIsNothing(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("object", [1])
            #expect(try await store.list("object") == [])
            #expect(try await store.list("missing/folder") == [])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anObjectIsReadFromAnyPlaceInSmallPieces(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            let bytes = (0..<(3 << 20) + 17).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
            try await store.create("big", bytes)
            for offset in [0, 1, 1 << 20, bytes.count - 1, bytes.count, bytes.count + 5] {
                let reader = try await store.open("big", from: Int64(offset))
                var read: [UInt8] = []
                while let piece = try await reader.next() {
                    #expect(!piece.isEmpty && piece.count <= 1 << 20)
                    read += piece
                }
                await reader.close()
                #expect(read == Array(bytes.dropFirst(offset)), "from \(offset)")
            }
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func whatIsMissingIsNotFound(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("folder/object", [1])
            for key in ["missing", "folder", "folder/object/below"] {
                let failure = await #expect(throws: Failure.self) { try await store.open(key, from: 0) }
                #expect(failure?.kind == .notFound)
                #expect(failure?.problem == "store '\(store.name)' has no object \(key)")
                #expect(try await store.size(of: key) == nil)
            }
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func deletingTwiceIsDeletingOnce(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("a/b/c", [1])
            try await store.create("a/d", [1])
            try await store.delete("a/b/c")
            try await store.delete("a/b/c")
            #expect(try await store.size(of: "a/b/c") == nil)
            #expect(try await store.list("a").map(\.name) == ["d"], "a folder goes with its last object")
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func deletingAFolderDeletesNothing(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("a/b", [1])
            try await store.delete("a")
            #expect(try await store.bytes(of: "a/b") == [1])
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aKeyDeletedCanBeCreatedAgain(_ kind: StoreUnderTest) async throws {
        try await kind.withStore { store in
            try await store.create("a/b", [1])
            try await store.delete("a/b")
            try await store.create("a/b", [2])
            #expect(try await store.bytes(of: "a/b") == [2])
        }
    }

    @Test(
        arguments: StoreUnderTest.allCases, ["", "/etc/passwd", "../escape", "a/../../b", "a//b", "a\u{0}b", "a/./b", ".lifeboat-work/x"])
    func aHostileKeyIsRefusedByEveryCall(_ kind: StoreUnderTest, _ key: String) async throws {
        try await kind.withStore { store in
            let folder = try await store.makeWorkFolder(owner: "host+1+1")
            try await write([1], to: "\(folder)/file")
            let calls: [(String, () async throws -> Void)] = [
                ("create", { try await store.create(key, [1]) }),
                ("adopt", { _ = try await store.adopt(file: "\(folder)/file", as: key) }),
                ("size", { _ = try await store.size(of: key) }),
                ("open", { _ = try await store.open(key, from: 0) }),
                ("delete", { try await store.delete(key) }),
            ]
            for (call, body) in calls {
                let failure = await #expect(throws: Failure.self, "\(call)") { try await body() }
                #expect(failure?.kind == .refused, "\(call)")
            }
            if !key.isEmpty { #expect(store.localPath(of: key) == nil) }
            try await store.removeWorkFolder(folder)
        }
    }
}
