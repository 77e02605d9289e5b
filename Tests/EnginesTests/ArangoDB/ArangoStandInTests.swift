import FoundationEssentials
import TestSupport
import Testing

/// The ArangoDB stand-in is what our tests of ArangoDB stand on: it has to behave as the contract and the recordings have it.
@Suite(.timeLimit(.minutes(10))) struct ArangoStandInTests {
    private static let folder = "\(Program.checkout)/docker/arangodb-standin/tests"

    @Test func itBehavesAsTheContractSays() async throws {
        let ended = try await run(["-m", "unittest"])
        #expect(ended.succeeded, "\(ended.errors)")
    }

    @Test func itAnswersAsRealServersDidWhenTheyWereRecorded() async throws {
        let ended = try await run(["replay.py"])
        // The recordings are not part of the checkout.
        if ended.output.hasPrefix("skipped: ") { try Test.cancel(Comment(rawValue: ended.output)) }
        #expect(ended.succeeded, "\(ended.output)\(ended.errors)")
    }

    private func run(_ arguments: [String]) async throws -> Python.Ended {
        let script = """
            import os, subprocess, sys
            environment = {**os.environ, **({"LIFEBOAT_ARANGODB_CONTRACT": sys.argv[2]} if sys.argv[2] else {})}
            sys.exit(subprocess.call([sys.executable, "-B", *sys.argv[3:]], cwd=sys.argv[1], env=environment))
            """
        let contract = ProcessInfo.processInfo.environment["LIFEBOAT_ARANGODB_CONTRACT"] ?? ""
        return try await Python.run(script, [Self.folder, contract] + arguments, needing: "fcntl")
    }
}
