import Bindings
import Recovery
import Stores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HostLocksTests {
    private let owner = Owner(host: "db1", pid: 4711, processStart: 1)
    private let time = FixedTime(Timestamp(millisecondsSince1970: 1_795_140_000_000))

    private func withLocks(_ use: (HostLocks, _ folder: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await use(HostLocks(folder: folder + "/locks", owner: owner, digests: CryptoDigests(), time: time), folder + "/locks")
        }
    }

    @Test func whoComesSecondIsToldWhoWasFirst() async throws {
        try await withLocks { locks, _ in
            let held = try await locks.take(["postgres-at-db:5432"], .exclusive, as: "run X")
            let failure = await #expect(throws: Failure.self) { try await locks.take(["postgres-at-db:5432"], .exclusive, as: "run Y") }
            #expect(failure?.kind == .lockHeld)
            #expect(failure?.problem == "postgres-at-db:5432 is in use: held by run X (db1, pid 4711) since 2026-11-20T02:00:00.000Z")
            #expect(failure?.hint == "wait until that is finished; a lock goes with the process that holds it")
            await held.release()
            await (try await locks.take(["postgres-at-db:5432"], .exclusive, as: "run Y")).release()
        }
    }

    @Test func backupsShareAndARecoveryDoesNot() async throws {
        try await withLocks { locks, _ in
            let one = try await locks.take(["a"], .shared, as: "backup one")
            let two = try await locks.take(["a"], .shared, as: "backup two")
            await #expect(throws: Failure.self) { try await locks.take(["a"], .exclusive, as: "recovery") }
            await one.release()
            await #expect(throws: Failure.self) { try await locks.take(["a"], .exclusive, as: "recovery") }
            await two.release()
            let recovery = try await locks.take(["a"], .exclusive, as: "recovery")
            await #expect(throws: Failure.self) { try await locks.take(["a"], .shared, as: "backup") }
            await recovery.release()
        }
    }

    @Test func allKeysAreTakenOrNone() async throws {
        try await withLocks { locks, _ in
            let held = try await locks.take(["b"], .exclusive, as: "run X")
            await #expect(throws: Failure.self) { try await locks.take(["c", "a", "b"], .exclusive, as: "run Y") }
            let others = try await locks.take(["a", "c"], .exclusive, as: "run Z")
            await others.release()
            await held.release()
        }
    }

    @Test func keysLearnedLaterAreAdded() async throws {
        try await withLocks { locks, _ in
            let held = try await locks.take(["address"], .exclusive, as: "run X")
            try await held.add(["address", "identity"])
            await #expect(throws: Failure.self) { try await locks.take(["identity"], .shared, as: "run Y") }
            let other = try await locks.take(["else"], .exclusive, as: "run Y")
            await #expect(throws: Failure.self) { try await held.add(["else"]) }
            await #expect(throws: Failure.self) { try await locks.take(["address"], .shared, as: "run Y") }
            await held.release()
            await (try await locks.take(["address", "identity"], .exclusive, as: "run Y")).release()
            await other.release()
        }
    }

    @Test(arguments: ["/var/run/postgresql:5432", "..", ".", "", "a/../../b", String(repeating: "ü", count: 300), "a%2fb", "a\u{0}b"])
    func everyKeyIsAFileInTheFolder(_ key: String) async throws {
        try await withLocks { locks, folder in
            let held = try await locks.take([key], .exclusive, as: "run X")
            await #expect(throws: Failure.self) { try await locks.take([key], .exclusive, as: "run Y") }
            let files = try Files.list(folder)
            #expect(files.count == 1)
            #expect(files.allSatisfy { $0.name.hasSuffix(".lock") && $0.name.utf8.count <= 255 })
            await held.release()
        }
    }

    @Test func differentKeysAreDifferentLocks() async throws {
        try await withLocks { locks, _ in
            let long = String(repeating: "x", count: 300)
            let keys = ["a/b", "a%2fb", "a.b", "a_b", "A.b", long + "1", long + "2"]
            let held = try await locks.take(keys, .exclusive, as: "run X")
            await held.release()
            for key in keys {
                let one = try await locks.take([key], .exclusive, as: "run X")
                let others = try await locks.take(keys.filter { $0 != key }, .exclusive, as: "run Y")
                await one.release()
                await others.release()
            }
        }
    }

    @Test func theFolderIsMadeForEverybody() async throws {
        try await withLocks { locks, folder in
            await (try await locks.take(["a"], .shared, as: "run X")).release()
            #expect(try Files.status(of: folder)?.mode == 0o1777)
            #expect(try Files.status(of: folder + "/a.lock")?.mode == 0o666)
        }
    }

    @Test func aFolderThatOthersCouldTamperWithIsRefused() async throws {
        try await withLocks { locks, folder in
            try Files.makeFolder(folder)
            try Files.changeMode(of: folder, to: 0o777)
            let failure = await #expect(throws: Failure.self) { try await locks.take(["a"], .shared, as: "run X") }
            #expect(failure?.kind == .localStorage)
            #expect(
                failure?.problem
                    == "the folder for locks \(folder) is not shared by the accounts of this host (mode 777, owner \(UserAccount.current.uid)): "
                    + "two of them could work on one server without seeing each other")
            #expect(failure?.hint == "all accounts that run lifeboat on this host share this folder; as root: install -d -m 1777 \(folder)")
        }
    }

    @Test func aLinkInPlaceOfTheFolderIsRefused() async throws {
        try await withLocks { locks, folder in
            try await link(folder, to: "/tmp")
            let failure = await #expect(throws: Failure.self) { try await locks.take(["a"], .shared, as: "run X") }
            #expect(failure?.problem == "the folder for locks \(folder) is no folder")
        }
    }

    @Test func aLockOutlivesNoProcess() async throws {
        try await withLocks { locks, folder in
            await (try await locks.take(["a"], .exclusive, as: "run X")).release()
            let holder = try await GuardedProcess.start(
                Command("/usr/bin/flock", ["\(folder)/a.lock", "/bin/sh", "-c", "echo taken >&2; exec sleep 60"]), log: folder + "-log")
            try await eventually { (try? await read(folder + "-log")) == Array("taken\n".utf8) }
            await #expect(throws: Failure.self) { try await locks.take(["a"], .shared, as: "run Y") }
            await holder.stop(signal: 9)
            await (try await locks.take(["a"], .shared, as: "run Y")).release()
        }
    }
}
