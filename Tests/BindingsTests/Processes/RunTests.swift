import Bindings
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunTests {
    @Test func aCommandsOutputErrorsAndStatusComeBack() async throws {
        let result = try await run(shell("echo out; echo err >&2; exit 3"))
        #expect(result.status == .exited(3))
        #expect(result.outputText == "out\n")
        #expect(result.errorTail == "err\n")
        #expect(!result.outputIsTruncated && !result.errorTailIsTruncated)
    }

    @Test func nothingOfOurEnvironmentIsInherited() async throws {
        #expect(unsafe getenv("PATH") != nil, "otherwise there is nothing to inherit")
        let result = try await run(Command("/usr/bin/env", environment: ["ONLY": "this one"]))
        #expect(result.outputText == "ONLY=this one\n")
    }

    @Test func noOpenFileOfOursIsInherited() async throws {
        let result = try await run(Command("/bin/ls", ["/proc/self/fd"]))
        // 3 is the folder that ls itself has open.
        #expect(result.outputText == "0\n1\n2\n3\n")
    }

    @Test func theSignalsWeIgnoreAreNotIgnoredByIt() async throws {
        signal(SIGPIPE, SIG_IGN)
        #expect(try await run(shell("kill -PIPE $$")).status == .signalled(SIGPIPE))
    }

    @Test func bigOutputsOnBothStreamsDoNotBlockEachOther() async throws {
        let result = try await run(
            shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"), outputLimit: 10_000_000)
        #expect(result.status == .exited(0))
        #expect(result.output.count == 6_000_000)
        #expect(result.errorTail.utf8.count == 64 << 10)
        #expect(result.errorTailIsTruncated)
    }

    @Test func outputBeyondTheLimitIsDroppedAndSaidToBe() async throws {
        let result = try await run(shell("head -c 100000 /dev/zero"), outputLimit: 1000)
        #expect(result.status == .exited(0))
        #expect(result.output.count == 1000)
        #expect(result.outputIsTruncated)
    }

    @Test func theTailOfStandardErrorIsItsEnd() async throws {
        let result = try await run(shell("seq 1 100000 >&2"), errorLimit: 14)
        #expect(result.errorTail == "\n99999\n100000\n")
        #expect(result.errorTailIsTruncated)
    }

    @Test func linesOfStandardErrorAreHandedOnAsTheyCome() async throws {
        let lines = Lines()
        _ = try await run(shell("printf 'one\\r\\ntwo\\n\\377\\nlast' >&2"), onStandardErrorLine: { lines.append($0) })
        #expect(lines.all == ["one", "two", "\u{FFFD}", "last"])
    }

    @Test func bytesAreItsInputWhateverTheirSize() async throws {
        let bytes = [UInt8](repeating: 7, count: 1_000_000)
        let result = try await run(Command("/usr/bin/wc", ["-c"], input: .bytes(bytes)))
        #expect(result.outputText == "1000000\n")
    }

    @Test func withoutInputItReadsTheEndAtOnce() async throws {
        #expect(try await run(Command("/bin/cat")).output.isEmpty)
    }

    @Test func aFileIsItsInputAndANewFileItsOutput() async throws {
        try await withScratchFolder { folder in
            let command = Command(
                "/usr/bin/tr", ["a-z", "A-Z"], input: .file("/etc/hostname"), output: .newFile("\(folder)/copy"))
            #expect(try await run(command).status == .exited(0))
            let copied = try await run(Command("/bin/cat", ["\(folder)/copy"])).outputText
            let original = try await run(Command("/bin/cat", ["/etc/hostname"])).outputText
            #expect(copied == original.uppercased())
            let again = await #expect(throws: ProcessError.self) { try await run(command) }
            #expect(again?.description == "cannot run /usr/bin/tr: its output \(folder)/copy cannot be opened: File exists")
        }
    }

    @Test func itRunsInItsWorkingFolder() async throws {
        #expect(try await run(Command("/bin/pwd", workingFolder: "/usr/lib")).outputText == "/usr/lib\n")
    }

    @Test(.requires(geteuid() == 0 ? nil : "becoming another account takes root"))
    func runAsDropsEveryPrivilege() async throws {
        let nobody = try #require(UserAccount.named("nobody"))
        let identities = try await run(
            Command(
                "/bin/sh", ["-c", "id -ru; id -u; id -rg; id -g; id -G; grep CapEff /proc/self/status"],
                environment: ["PATH": "/usr/bin:/bin"], runAs: nobody))
        #expect(
            identities.outputText
                == "\(nobody.uid)\n\(nobody.uid)\n\(nobody.gid)\n\(nobody.gid)\n\(nobody.gid)\nCapEff:\t0000000000000000\n")
    }

    @Test(.requires(geteuid() == 0 ? nil : "becoming another account takes root"))
    func aWorkingFolderTheAccountCannotEnterIsAnError() async throws {
        try await withScratchFolder { folder in
            let nobody = try #require(UserAccount.named("nobody"))
            let error = await #expect(throws: ProcessError.self) {
                try await run(Command("/bin/pwd", workingFolder: folder, runAs: nobody))
            }
            #expect(error?.reason == .workingFolderUnreadable)
            #expect(
                error?.description == "cannot run /bin/pwd: its working folder \(folder) cannot be entered as nobody: Permission denied")
        }
    }

    @Test func whatKeepsACommandFromStartingIsTold() async throws {
        try await withScratchFolder { folder in
            let script = "\(folder)/script"
            let text = "\(folder)/text"
            _ = try await run(shell("printf '#!/no/such/interpreter\\n' > \(script); echo true > \(text); chmod 755 \(script) \(text)"))
            for (command, reason, words) in [
                (Command("/no/such"), ProcessError.Reason.executableMissing, "cannot run /no/such: there is no such file"),
                (
                    Command("/etc/passwd"), .notExecutable,
                    "cannot run /etc/passwd: it cannot be executed: Permission denied"
                ),
                (
                    Command(text), .notExecutable,
                    "cannot run \(text): it is no program; a script needs a first line such as #!/bin/sh"
                ),
                (
                    Command(script), .interpreterMissing,
                    "cannot run \(script): the interpreter named in its first line does not exist"
                ),
                (
                    Command("/bin/true", workingFolder: "/no/such"), .workingFolderMissing,
                    "cannot run /bin/true: its working folder /no/such does not exist"
                ),
                (
                    Command("/bin/true", workingFolder: "/etc/hostname"), .workingFolderMissing,
                    "cannot run /bin/true: its working folder /etc/hostname is not a folder"
                ),
                (
                    Command("/bin/true", input: .file("/no/such")), .inputUnreadable,
                    "cannot run /bin/true: its input /no/such cannot be opened: No such file or directory"
                ),
                (
                    Command("/bin/true", ["a\0b"]), .unusable,
                    "cannot run /bin/true: an argument or environment value contains a NUL byte"
                ),
            ] {
                let error = await #expect(throws: ProcessError.self) { try await run(command) }
                #expect(error?.reason == reason)
                #expect(error?.description == words)
            }
        }
    }

    @Test func whatHoldsThePipeIsKilledAndNotWaitedFor() async throws {
        let result = try await run(shell("sleep 1000 & echo $!; (setsid sleep 1000) & echo $!"))
        #expect(result.status == .exited(0))
        let pids = result.outputText.split(separator: "\n").compactMap { Int32($0) }
        #expect(pids.count == 2)
        for pid in pids { #expect(!isAlive(pid)) }
    }

    @Test func aServiceMayBeLeftBehindOnPurpose() async throws {
        var command = shell("sleep 1000 & echo $!")
        command.descendants = .mayOutliveCommand
        let result = try await run(command)
        let pid = try #require(Int32(result.outputText.trimmed))
        #expect(isAlive(pid))
        kill(pid, SIGKILL)
    }

    @Test func cancellingStopsTheWholeGroupPolitelyAndWaitsForIt() async throws {
        try await withScratchFolder { folder in
            let (started, finished) = (AsyncStream<Int32>.makeStream(), "\(folder)/finished")
            let task = Task {
                try await run(
                    shell("trap 'echo asked > \(finished); exit 1' TERM; sleep 1000 & echo $! >&2; wait"),
                    onStandardErrorLine: { started.continuation.yield(Int32($0) ?? 0) })
            }
            let child = try #require(await started.stream.first { _ in true })
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!isAlive(child))
            #expect(try await run(Command("/bin/cat", [finished])).outputText == "asked\n")
        }
    }

    @Test func aCommandThatDoesNotListenIsKilledAfterTheGrace() async throws {
        let started = AsyncStream<Int32>.makeStream()
        let task = Task {
            try await run(
                shell("trap '' TERM; echo $$ >&2; while :; do sleep 1000; done"),
                onStandardErrorLine: { started.continuation.yield(Int32($0) ?? 0) }, grace: .milliseconds(50))
        }
        let child = try #require(await started.stream.first { _ in true })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!isAlive(child))
    }

    @Test func anEndBySignalIsTold() async throws {
        let status = try await run(shell("kill -KILL $$")).status
        #expect(status == .signalled(SIGKILL))
        #expect(status.description == "was ended by signal 9 (Killed)")
        #expect(ExitStatus.exited(2).description == "exited with status 2")
    }

    @Test func itsTimesAreMeasured() async throws {
        let result = try await run(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"))
        #expect(result.cpuTime > .milliseconds(1))
        #expect(result.wallTime > .milliseconds(1))
    }

    @Test func manyCommandsAtOnceLeaveNoZombie() async throws {
        try await withThrowingTaskGroup(of: ExitStatus.self) { group in
            for _ in 0..<50 { group.addTask { try await run(Command("/bin/true")).status } }
            for try await status in group { #expect(status == .exited(0)) }
        }
    }

    @Test func whenWeAreKilledTheCommandIsToo() async throws {
        var fixture = Command(try processFixture(), ["run"], environment: ["PATH": "/usr/bin:/bin"])
        fixture.descendants = .mayOutliveCommand  // else our own guardian would do the work under test
        let result = try await run(fixture)
        #expect(result.status == .signalled(SIGKILL))
        let pid = try #require(Int32(result.outputText.trimmed))
        #expect(await waitUntilGone(pid: pid))
    }

    @Test func executablesAreFoundInOrder() async throws {
        #expect(findExecutable("sh", path: "/no/such:relative:/bin/:/usr/bin") == "/bin/sh")
        #expect(findExecutable("/bin/sh", path: "") == "/bin/sh")
        #expect(findExecutable("passwd", path: "/etc") == nil, "a file that is not executable")
        #expect(findExecutable("bin", path: "/usr") == nil, "a folder")
        #expect(findExecutable("", path: "/usr/bin") == nil)
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
