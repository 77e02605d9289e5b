import Bindings
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct GuardedProcessTests {
    @Test func stoppingEndsTheServerAndItsDescendantsAndRemovesItsFolders() async throws {
        try await withScratchFolder { folder in
            let data = "\(folder)/data"
            let log = "\(folder)/log"
            _ = try await run(Command("/bin/mkdir", ["-p", "\(data)/deep/er"]))
            let server = try await GuardedProcess.start(
                shell("setsid sleep 1000 & echo $! > \(folder)/daemon; sleep 1000 & echo ready; wait"), log: log, removing: [data])
            #expect(server.isRunning)
            try await waitForLine("ready", in: log)
            let daemon = try #require(Int32(try await text(of: "\(folder)/daemon").trimmed))
            #expect(await server.stop() == .signalled(SIGTERM))
            #expect(!server.isRunning)
            for pid in [server.pid, server.guardianPID, daemon] { #expect(!isAlive(pid)) }
            #expect(!exists(data))
            #expect(exists(log))
            #expect(await server.stop() == .signalled(SIGTERM), "stopping again changes nothing")
        }
    }

    @Test func removingAFolderDoesNotFollowLinks() async throws {
        try await withScratchFolder { folder in
            _ = try await run(
                shell("mkdir \(folder)/data \(folder)/precious; echo x > \(folder)/precious/file; ln -s ../precious \(folder)/data/link"))
            let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]), removing: ["\(folder)/data"])
            await server.stop()
            #expect(!exists("\(folder)/data"))
            #expect(exists("\(folder)/precious/file"))
        }
    }

    @Test func theStopSignalIsTheServersOwn() async throws {
        try await withScratchFolder { folder in
            let server = try await GuardedProcess.start(
                shell("trap 'exit 42' QUIT; echo ready; while :; do sleep 0.01; done"), log: "\(folder)/log", stopSignal: SIGQUIT)
            try await waitForLine("ready", in: "\(folder)/log")
            #expect(await server.stop() == .exited(42))
        }
    }

    @Test func aServerThatDoesNotStopIsKilledAfterTheGrace() async throws {
        try await withScratchFolder { folder in
            let server = try await GuardedProcess.start(
                shell("trap '' TERM; echo ready; while :; do sleep 1000; done"), log: "\(folder)/log", grace: .milliseconds(50))
            try await waitForLine("ready", in: "\(folder)/log")
            #expect(await server.stop() == .signalled(SIGKILL))
        }
    }

    @Test func aServerThatEndsByItselfIsNoticedAndKeepsItsFolders() async throws {
        try await withScratchFolder { folder in
            let data = "\(folder)/data"
            _ = try await run(Command("/bin/mkdir", [data]))
            let server = try await GuardedProcess.start(shell("exit 7"), removing: [data])
            #expect(try await server.waitForExit() == .exited(7))
            #expect(!server.isRunning)
            #expect(exists(data))
            #expect(await server.stop() == .exited(7))
            #expect(!exists(data))
        }
    }

    @Test func waitingCanBeCancelledAndTheServerRunsOn() async throws {
        let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
        let waiting = Task { try await server.waitForExit() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(server.isRunning)
        await server.stop()
    }

    @Test func stoppingWorksInACancelledTask() async throws {
        let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await server.stop()
        }
        task.cancel()
        #expect(await task.value == .signalled(SIGTERM))
    }

    @Test func aServerNobodyHoldsAnyMoreIsStopped() async throws {
        var server: GuardedProcess? = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
        let pid = try #require(server?.pid)
        server = nil
        #expect(await waitUntilGone(pid: pid))
    }

    @Test func otherSignalsArePassedOn() async throws {
        try await withScratchFolder { folder in
            let server = try await GuardedProcess.start(
                shell("trap 'echo reloaded' HUP; echo ready; while :; do sleep 0.01; done"), log: "\(folder)/log")
            try await waitForLine("ready", in: "\(folder)/log")
            server.send(SIGHUP)
            try await waitForLine("reloaded", in: "\(folder)/log")
            #expect(server.isRunning)
            await server.stop()
        }
    }

    @Test func whenTheGuardianIsKilledTheServerIsToo() async throws {
        let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
        kill(server.guardianPID, SIGKILL)
        #expect(await server.stop() == .signalled(SIGKILL))
        #expect(await waitUntilGone(pid: server.pid))
    }

    @Test func theGuardianHasALegibleName() async throws {
        let server = try await GuardedProcess.start(Command("/bin/sleep", ["1000"]))
        #expect(try await text(of: "/proc/\(server.guardianPID)/comm") == "lifeboat-guard\n")
        await server.stop()
    }

    @Test func aServerThatCannotStartLeavesItsFoldersAlone() async throws {
        try await withScratchFolder { folder in
            let error = await #expect(throws: ProcessError.self) {
                _ = try await GuardedProcess.start(Command("/no/such/server"), removing: [folder])
            }
            #expect(error?.description == "cannot run /no/such/server: there is no such file")
            #expect(exists(folder))
        }
    }

    @Test(arguments: ["/", "//", "data", ""]) func dangerousFoldersAreNotAccepted(_ folder: String) async throws {
        let error = await #expect(throws: ProcessError.self) {
            _ = try await GuardedProcess.start(Command("/bin/true"), removing: [folder])
        }
        #expect(
            error?.description
                == "cannot run /bin/true: its folder '\(folder)' cannot be removed at the end: not an absolute path below /")
    }

    @Test func whenWeAreKilledServerDescendantsAndFoldersAreGone() async throws {
        try await withScratchFolder { folder in
            let data = "\(folder)/data"
            _ = try await run(Command("/bin/mkdir", [data]))
            var fixture = Command(try processFixture(), ["guard", data], environment: ["PATH": "/usr/bin:/bin"])
            fixture.descendants = .mayOutliveCommand  // else our own guardian would do the work under test
            let result = try await run(fixture)
            #expect(result.status == .signalled(SIGKILL))
            let pids = result.outputText.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
            try #require(pids.count == 2)
            for pid in pids { #expect(await waitUntilGone(pid: pid)) }
            #expect(!exists(data))
        }
    }
}
