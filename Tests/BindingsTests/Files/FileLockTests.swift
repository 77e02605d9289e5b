import Bindings
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct FileLockTests {
    @Test func anExclusiveLockExcludesEverybodyAndNamesItsHolder() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/lock"
            let lock = try taken(try FileLock.take(path, .exclusive, holder: "run 7 on host a"))
            #expect(holder(try FileLock.take(path, .exclusive, holder: "b")) == "run 7 on host a")
            #expect(holder(try FileLock.take(path, .shared, holder: "b")) == "run 7 on host a")
            lock.release()
            _ = try taken(try FileLock.take(path, .exclusive, holder: "c"))
            #expect(exists(path), "the file stays")
        }
    }

    @Test func sharedLocksExcludeExclusiveOnesOnly() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/lock"
            let one = try taken(try FileLock.take(path, .shared, holder: "one"))
            let two = try taken(try FileLock.take(path, .shared, holder: "two"))
            #expect(holder(try FileLock.take(path, .exclusive, holder: "three")) == "two")
            one.release()
            two.release()
            _ = try taken(try FileLock.take(path, .exclusive, holder: "three"))
        }
    }

    @Test func anotherProcessIsExcludedAndItsDeathSetsTheLockFree() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/lock"
            let other = try await GuardedProcess.start(
                Command(try processFixture(), ["lock", path], environment: [:]), log: "\(folder)/log")
            try await waitForLine("locked", in: "\(folder)/log")
            #expect(holder(try FileLock.take(path, .exclusive, holder: "us")) == "fixture")
            await other.stop(signal: SIGKILL)
            _ = try taken(try FileLock.take(path, .exclusive, holder: "us"))
        }
    }

    @Test func ourLockIsNotHandedToChildren() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/lock"
            let lock = try taken(try FileLock.take(path, .exclusive, holder: "us"))
            let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
            lock.release()
            _ = try taken(try FileLock.take(path, .exclusive, holder: "us"))
            await server.stop()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another account takes root"))
    func accountsShareALockInAStickyFolder() async throws {
        try await withScratchFolder { folder in
            let shared = "\(folder)/shared"
            try Files.makeFolder(shared)
            try Files.changeMode(of: shared, to: 0o1777)
            try Files.changeMode(of: folder, to: 0o755)
            let path = "\(shared)/lock"
            let nobody = try #require(UserAccount.named("nobody"))
            // Made by nobody, taken by us: with O_CREAT the kernel would refuse (fs.protected_regular).
            _ = try await run(Command("/usr/bin/touch", [path], runAs: nobody))
            let lock = try taken(try FileLock.take(path, .exclusive, holder: "us"))
            let other = try await run(Command("/usr/bin/flock", ["-n", path, "/bin/true"], runAs: nobody))
            #expect(other.status == .exited(1))
            lock.release()
        }
    }

    @Test func aLinkIsNotFollowed() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/precious", [1])
            _ = try await run(Command("/bin/ln", ["-s", "precious", "\(folder)/lock"]))
            let error = #expect(throws: FileError.self) { try FileLock.take("\(folder)/lock", .exclusive, holder: "us") }
            #expect(error?.reason == .symbolicLink)
            #expect(try Files.read("\(folder)/precious", limit: 10) == [1])
        }
    }

    private func taken(_ attempt: FileLock.Attempt) throws -> FileLock {
        guard case .taken(let lock) = attempt else { throw Excluded() }
        return lock
    }
    private func holder(_ attempt: FileLock.Attempt) -> String? {
        guard case .held(let holder) = attempt else { return nil }
        return holder
    }
    private struct Excluded: Error {}
}
