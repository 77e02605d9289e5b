import Bindings
import Environments
import FoundationEssentials
import Recovery
import Testing

/// A command that starts an application must be able to leave it running; any other command must not.
@Suite(.timeLimit(.minutes(1))) struct DaemonTests {
    private let commands = ChildCommands(environment: ChildEnvironment(from: ["PATH": "/usr/bin:/bin"]))

    private func pidOfDaemon(mayLeaveDaemons: Bool) async throws -> Int32 {
        // Its output goes elsewhere: nobody waits for it.
        let script = "setsid sleep 300 >/dev/null 2>&1 & echo $!"
        let outcome = try await commands.run(CommandSpec("/bin/sh", ["-c", script], mayLeaveDaemons: mayLeaveDaemons))
        #expect(outcome.succeeded)
        return try #require(Int32(String(decoding: outcome.output, as: UTF8.self).filter(\.isNumber)))
    }

    @Test func whatAnApplicationsCommandLeavesRunningStays() async throws {
        let pid = try await pidOfDaemon(mayLeaveDaemons: true)
        #expect(startTimeOfProcess(pid) != nil)
        _ = try await commands.run(CommandSpec("/bin/kill", ["\(pid)"]))
        #expect(await waitUntilGone(pid: pid))
    }

    @Test func whatAnyOtherCommandLeavesRunningEndsWithIt() async throws {
        let pid = try await pidOfDaemon(mayLeaveDaemons: false)
        #expect(await waitUntilGone(pid: pid))
    }
}
