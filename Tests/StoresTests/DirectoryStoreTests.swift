import Bindings
import Recovery
import Stores
import TestSupport
import Testing

/// What only a store in a folder can promise.
@Suite(.timeLimit(.minutes(1)))
struct DirectoryStoreTests {
    private func withStore(_ use: (DirectoryStore, _ root: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await blocking { _ in try Files.makeFolder(folder + "/root") }
            try await use(DirectoryStore(name: "main", path: folder + "/root", owner: .us), folder + "/root")
        }
    }

    @Test func aMissingRootIsAStoreThatIsNotThere() async throws {
        let store = DirectoryStore(name: "main", path: "/nowhere/backups", owner: .us)
        let failure = await #expect(throws: Failure.self) { try await store.create("a/b", [1]) }
        #expect(failure?.kind == .storeUnavailable)
        #expect(failure?.problem == "cannot store a/b in store 'main': its folder /nowhere/backups is not there")
        #expect(failure?.hint == "create the folder, or mount the disk that it lies on")
        #expect(await #expect(throws: Failure.self) { try await store.list("") }?.kind == .storeUnavailable)
    }

    @Test func onlyWeCanReadWhatIsStored() async throws {
        try await withStore { store, root in
            try await store.create("a/b", [1])
            #expect(try status(of: root + "/a").mode == 0o700)
            #expect(try status(of: root + "/a/b").mode == 0o600)
            #expect(try status(of: root + "/.lifeboat-work").mode == 0o700)
        }
    }

    @Test func nothingUnfinishedIsLeftBehind() async throws {
        try await withStore { store, root in
            try await store.create("a", [1])
            _ = try? await store.create("a", [2])
            let work = try await store.makeWorkFolder(owner: "test")
            try await write([1], to: work + "/x")
            _ = try await store.adopt(file: work + "/x", as: "x")
            try await store.removeWorkFolder(work)
            #expect(try Files.list(root + "/.lifeboat-work").isEmpty)
        }
    }

    @Test func anAdoptedFileOfTheSameDiskIsNotCopied() async throws {
        try await withStore { store, root in
            let work = try await store.makeWorkFolder(owner: "test")
            try await write([1, 2], to: work + "/x")
            let before = try status(of: work + "/x").inode
            _ = try await store.adopt(file: work + "/x", as: "set/x")
            #expect(try status(of: root + "/set/x").inode == before)
        }
    }

    @Test(
        .enabled(
            if: (try? Files.status(of: "/dev/shm")?.device) != (try? Files.status(of: "/tmp")?.device), "/dev/shm is on the disk of /tmp"))
    func aFileOfAnotherDiskIsCopiedAndHashed() async throws {
        let file = "/dev/shm/lifeboat-test-\(randomHex(12))"
        try await withStore { store, _ in
            try await write(Array("abc".utf8), to: file)
            let stored = try await store.adopt(file: file, as: "set/x")
            #expect(stored == StoredObject(bytes: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
            #expect(try await store.bytes(of: "set/x") == Array("abc".utf8))
            #expect(await !isThere(file))
        }
    }

    @Test func noLinkIsFollowed() async throws {
        try await withStore { store, root in
            let outside = root + "-outside"
            try await blocking { _ in try Files.makeFolder(outside) }
            try await write([7], to: outside + "/secret")
            try await store.create("here/object", [1])
            try await link(root + "/folder", to: outside)
            try await link(root + "/here/object-link", to: outside + "/secret")

            #expect(try await store.size(of: "folder/secret") == nil)
            #expect(try await store.size(of: "here/object-link") == nil)
            #expect(await #expect(throws: Failure.self) { try await store.open("folder/secret", from: 0) }?.kind == .notFound)
            #expect(await #expect(throws: Failure.self) { try await store.open("here/object-link", from: 0) }?.kind == .notFound)
            #expect(try await store.list("").map(\.kind) == [.foreign, .folder], "told, and not looked behind")
            #expect(try await store.list("folder") == [])
            #expect(try await store.list("here").map(\.kind) == [.object(bytes: 1), .foreign])
            try await store.delete("folder/secret")
            let failure = await #expect(throws: Failure.self) { try await store.create("folder/new", [1]) }
            #expect(failure?.kind == .refused)
            #expect(failure?.problem == "\(root)/folder in store 'main' is in the way: it is no folder")
            let adopted = await #expect(throws: Failure.self) { try await store.adopt(file: root + "/here/object-link", as: "x") }
            #expect(adopted?.problem == "cannot store \(root)/here/object-link as x: it is no regular file")
            #expect(try Files.list(outside).map(\.name) == ["secret"])
        }
    }

    @Test func aRootThatIsALinkIsARoot() async throws {
        try await withStore { store, root in
            try await link(root + "-link", to: root)
            try await store.create("a", [1])
            let other = DirectoryStore(name: "main", path: root + "-link", owner: .us)
            #expect(try await other.bytes(of: "a") == [1])
            let work = try await other.makeWorkFolder(owner: "test")
            try await write([2], to: work + "/x")
            _ = try await other.adopt(file: work + "/x", as: "b")
            #expect(try await store.bytes(of: "b") == [2])
        }
    }

    @Test func anObjectAndAFolderCannotShareAName() async throws {
        try await withStore { store, root in
            try await store.create("a/b", [1])
            #expect(await #expect(throws: Failure.self) { try await store.create("a", [2]) }?.kind == .refused)
            #expect(await #expect(throws: Failure.self) { try await store.create("a/b/c", [2]) }?.kind == .refused)
            #expect(try await store.bytes(of: "a/b") == [1])
        }
    }

    @Test func namesThatCannotBeKeysAreNotShown() async throws {
        try await withStore { store, root in
            try await store.create("good", [1])
            try await write([1], to: root + "/bad\u{1B}[31m")
            #expect(try await store.list("").map(\.name) == ["good"])
        }
    }

    @Test func deletingWhileOthersCreateInTheSameFolderLosesNothing() async throws {
        try await withStore { store, _ in
            try await withThrowingTaskGroup { group in
                for lane in 0..<4 {
                    group.addTask {
                        for n in 0..<50 {
                            try await store.create("deep/er/\(lane)-\(n)", [1])
                            try await store.delete("deep/er/\(lane)-\(n)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.list("") == [])
        }
    }

    @Test func workFoldersOfTheDeadAreFoundAndRemovedAndThoseOfTheLivingAreNot() async throws {
        try await withStore { store, root in
            let ours = try await store.makeWorkFolder(owner: "backup-nightly")
            let theirs = try await DirectoryStore(name: "main", path: root, owner: .dead).makeWorkFolder(owner: "backup-nightly")
            let elsewhere = Owner(host: "another-host", pid: 1, processStart: 1)
            let remote = try await DirectoryStore(name: "main", path: root, owner: elsewhere).makeWorkFolder(owner: "")
            try await write([1], to: theirs + "/part")
            try await write([1], to: root + "/.lifeboat-work/foreign")

            let stale = try await store.staleWorkFolders()
            #expect(stale.map { "\(root)/.lifeboat-work/\($0.name)" } == [theirs])
            #expect(stale.first?.words == "unfinished files in store 'main', left by process \(Owner.dead.pid)")
            for leftover in stale { try await store.removeStale(leftover) }
            #expect(await !isThere(theirs))
            #expect(await isThere(ours))
            #expect(await isThere(remote))
            #expect(await isThere(root + "/.lifeboat-work/foreign"))

            let alive = Leftover(kind: "work folder", name: ours.split(separator: "/").last.map(String.init) ?? "", run: nil, words: "")
            #expect(await #expect(throws: Failure.self) { try await store.removeStale(alive) }?.kind == .refused)
        }
    }

    @Test func whatIsNoWorkFolderIsNotRemoved() async throws {
        try await withStore { store, root in
            try await store.create("a/b", [1])
            for path in [root + "/a", root + "/.lifeboat-work/../a", root + "/.lifeboat-work/..", "/etc"] {
                #expect(await #expect(throws: Failure.self) { try await store.removeWorkFolder(path) }?.kind == .bug, "\(path)")
            }
            #expect(try await store.bytes(of: "a/b") == [1])
        }
    }

    @Test func whatTheSystemRefusesIsSaidInWords() async throws {
        let store = DirectoryStore(name: "main", path: "/proc", owner: .us)
        let failure = await #expect(throws: Failure.self) { try await store.create("a", [1]) }
        #expect(failure?.kind == .localStorage)
        #expect(failure?.problem.hasPrefix("cannot store a in store 'main': cannot make folder /proc/.lifeboat-work: ") == true)
    }

    @Test(.disabled(if: UserAccount.current.uid != 0, "only root can act as somebody else"))
    func anotherAccountsFileBecomesOurs() async throws {
        try await withStore { store, root in
            let work = try await store.makeWorkFolder(owner: "test")
            try await write([1], to: work + "/x")
            let nobody = try #require(UserAccount.named("nobody"))
            try Files.changeOwner(of: work + "/x", to: nobody)
            try Files.changeMode(of: work + "/x", to: 0o666)
            _ = try await store.adopt(file: work + "/x", as: "x")
            #expect(try status(of: root + "/x").owner == 0)
            #expect(try status(of: root + "/x").mode == 0o600)
        }
    }

    private func status(of path: String) throws -> FileStatus { try #require(try Files.status(of: path)) }
}
