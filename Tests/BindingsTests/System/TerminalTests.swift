import Bindings
import Glibc
import Testing

/// Played by the fixture, for our own standard streams and signals are the test runner's.
@Suite(.timeLimit(.minutes(1))) struct TerminalTests {
    @Test func oneLineIsReadAndNotAByteMore() async throws {
        let fixture = try processFixture()
        let result = try await run(shell("printf 'yes\\nrest\\n' | { \(fixture) line; cat; }"))
        #expect(result.outputText == "line: yes\nrest\n")
    }

    @Test func theEndOfInputIsNoLine() async throws {
        #expect(try await run(Command(try processFixture(), ["line"])).outputText == "no line\n")
        let unfinished = Command(try processFixture(), ["line"], input: .bytes(Array("half".utf8)))
        #expect(try await run(unfinished).outputText == "line: half\n")
    }

    @Test func waitingForALineCanBeCancelled() async throws {
        let result = try await run(shell("sleep 1000 | { \(try processFixture()) cancelled-line; kill -TERM 0; }"))
        #expect(result.outputText == "cancelled\n")
    }

    @Test func aReaderThatWentAwayIsAnError() async throws {
        let result = try await run(shell("{ \(try processFixture()) flood; echo $? >&2; } | true"))
        #expect(result.errorTail == "Broken pipe\n3\n")
    }

    @Test func aSignalThatWasIgnoredFromTheStartStaysIgnored() async throws {
        try await withScratchFolder { folder in
            let command = shell("trap '' HUP; exec \(try processFixture()) signals")
            let fixture = try await GuardedProcess.start(command, log: "\(folder)/log")
            try await waitForLine("listening", in: "\(folder)/log")
            fixture.send(SIGHUP)
            fixture.send(SIGTERM)
            #expect(try await fixture.waitForExit() == .signalled(SIGTERM))
            #expect(try await text(of: "\(folder)/log") == "listening\ngot \(SIGTERM)\n")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func signalsComeAsAStreamAndTheEndIsTrue(_ signal: Int32) async throws {
        try await withScratchFolder { folder in
            let fixture = try await GuardedProcess.start(Command(try processFixture(), ["signals"]), log: "\(folder)/log")
            try await waitForLine("listening", in: "\(folder)/log")
            fixture.send(signal)
            #expect(try await fixture.waitForExit() == .signalled(signal))
            #expect(try await text(of: "\(folder)/log") == "listening\ngot \(signal)\n")
        }
    }
}
