import Bindings
import Environments
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChildCommandsTests {
    private let commands = ChildCommands(
        environment: ChildEnvironment(from: [
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_TIME": "C", "PGPASSWORD": "hidden", "http_proxy": "x",
        ]))

    @Test func onlyPathAndLocaleAreInherited() async throws {
        let outcome = try await commands.run(CommandSpec("env", environment: ["ADDED": "1", "LANG": "C"]))
        #expect(outcome.succeeded)
        #expect(
            String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").sorted() == [
                "ADDED=1", "LANG=C", "LC_TIME=C", "PATH=/usr/bin:/bin",
            ])
    }

    @Test func withoutAPathThereIsAnOrdinaryOne() async throws {
        let environment = ChildEnvironment(from: [:])
        #expect(environment.path == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        #expect(environment.adding([:]) == ["PATH": environment.path])
    }

    @Test func aStatusOtherThanZeroIsAnOutcome() async throws {
        let outcome = try await commands.run(CommandSpec("sh", ["-c", "cat; echo bad >&2; exit 3"], standardInput: Array("in".utf8)))
        #expect(outcome.status == .exited(3))
        #expect(outcome.words == "exited with status 3")
        #expect(outcome.output == Array("in".utf8))
        #expect(outcome.errors == "bad\n")
    }

    @Test func aProgramThatIsMissingIsAFailureWithWhereItWasLookedFor() async throws {
        let failure = await #expect(throws: Failure.self) { try await commands.run(CommandSpec("pg_dumpp")) }
        #expect(failure?.kind == .toolMissing)
        #expect(failure?.problem == "cannot run pg_dumpp: no such program in /usr/bin:/bin")
        let path = await #expect(throws: Failure.self) { try await commands.run(CommandSpec("/nowhere/x")) }
        #expect(path?.problem == "cannot run /nowhere/x: there is no such program, or it may not be executed")
        let account = await #expect(throws: Failure.self) { try await commands.run(CommandSpec("true", account: "no-such-account")) }
        #expect(account?.problem == "cannot run true as 'no-such-account': this machine has no such account")
    }

    @Test func programsAreFoundInThePath() {
        #expect(commands.find("sh") == "/usr/bin/sh")
        #expect(commands.find("no-such-program") == nil)
    }

    @Test func cancellingEndsTheWholeFamily() async throws {
        try await withTemporaryFolder { folder in
            let commands = commands
            let running = Task { try await commands.run(CommandSpec("sh", ["-c", "sleep 1000 & echo $! > pid; wait"], folder: folder)) }
            try await eventually { ((try? await read(folder + "/pid")) ?? []).count > 1 }
            let pid = try #require(Int32(String(decoding: try await read(folder + "/pid").dropLast(), as: UTF8.self)))
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            #expect(startTimeOfProcess(pid) == nil)
        }
    }

    @Test func linesOfStandardErrorComeAsTheyAreWritten() async throws {
        let (lines, sink) = AsyncStream.makeStream(of: String.self)
        _ = try await commands.run(CommandSpec("sh", ["-c", "echo one >&2; echo two >&2"])) { sink.yield($0) }
        sink.finish()
        #expect(await lines.reduce(into: []) { $0.append($1) } == ["one", "two"])
    }
}
