import Bindings
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct SystemTests {
    @Test func accountsAreFoundByNameAndNumber() throws {
        let root = try #require(UserAccount.named("root"))
        #expect(root.uid == 0 && root.home == "/root")
        #expect(UserAccount.numbered(0) == root)
        #expect(root.groups.contains(0))
        #expect(UserAccount.named("no such account") == nil)
        #expect(UserAccount.current.uid == geteuid())
    }

    @Test func theMachineDescribesItself() async throws {
        #expect(Machine.hostName == (try await run(Command("/bin/hostname")).outputText.trimmed))
        #expect(Machine.bootID == (try await text(of: "/proc/sys/kernel/random/boot_id").trimmed))
        let kernel = try await run(Command("/bin/uname", ["-srm"])).outputText.trimmed
        #expect(Machine.description.hasSuffix(", \(kernel)"))
        #expect(Machine.processorCount >= 1)
        #expect(!Machine.timeZoneName.isEmpty)
    }

    @Test func aFreePortCanBeListenedOn() throws {
        #expect(try Machine.freeLoopbackPort() > 1023)
    }

    @Test func monotonicTimeGoesForward() {
        let before = monotonicNanoseconds()
        #expect(monotonicNanoseconds() >= before && before > 0)
        #expect(WallTime.now > WallTime(secondsSince1970: 1_700_000_000, nanoseconds: 0))
    }

    @Test func aProcessIsKnownByItsStartTimeToo() async throws {
        #expect(processIsAlive(pid: ThisProcess.pid, startTime: ThisProcess.startTime))
        #expect(!processIsAlive(pid: ThisProcess.pid, startTime: ThisProcess.startTime + 1))
        // A name that tries to pass for the fields behind it.
        try await withScratchFolder { folder in
            let path = "\(folder)/a) Z 1 1"
            // Not copied by ourselves: a fork for another test may hold the file open for writing for a moment.
            _ = try await run(Command("/bin/cp", ["/bin/sleep", path]))
            let odd = try await GuardedProcess.start(Command(path, ["1000"]))
            let startTime = try #require(startTimeOfProcess(odd.pid))
            #expect(startTime >= ThisProcess.startTime)
            #expect(processIsAlive(pid: odd.pid, startTime: startTime))
            await odd.stop()
            #expect(!processIsAlive(pid: odd.pid, startTime: startTime))
        }
    }

    @Test func ourMemoryIsMeasured() {
        let memory = ThisProcess.memory
        #expect(memory.anonymous > 1 << 20)
        #expect(memory.peakResident >= memory.anonymous)
    }

    @Test func ourEnvironmentIsReadable() {
        #expect(ThisProcess.environment["PATH"]?.contains("/bin") == true)
    }

    @Test func randomBytesAreNotRepeated() {
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomBytes(1000).count == 1000)
        #expect(randomHex(7).count == 7)
        #expect(randomHex(64).allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test func aFileIsNoTerminal() {
        #expect(StandardStream.output.isTerminal == (isatty(1) == 1))
        #expect(StandardStream.input.isTerminal || StandardStream.input.columns == nil)
    }

    @Test func errorsSpeakTheSystemsWords() {
        #expect(ErrorNumber.diskFull.description == "No space left on device")
    }
}
