import Bindings
import Glibc
import Recovery
import TestSupport
import Testing

/// The engine ends in the middle of a drill of the built program, as when it is updated: that is said, the backup is not blamed, and when
/// it is back nothing stays.
@Suite(.requires(TestPostgres.missing), .requires(TestDocker.missing), .requires(OwnEngine.missing), .timeLimit(.minutes(5)))
struct EngineOutageTests {
    @Test func anEngineThatGoesAwayIsNoFaultOfTheBackupAndNothingStays() async throws {
        try await OwnEngine.with([TestDocker.pgvector]) { engine in
            try await CrashSite.with(.containers(at: engine.address)) { site in
                // Long enough for what is to come, and no longer than the engine lives.
                try await site.changeRunbook(
                    addingBeforeDrop:
                        "  - name: Ring\n    exec: {command: [tail, -f, \(site.folder)/rebuild.yaml], in_drills: run, destroys: []}\n")
                let life = try await Life("outage", at: site)
                let program = try await life.start(site.drill)
                await life.watch(program, untilItBegins: "1.5")
                try #require(program.isRunning, "\(program.printed)")
                #expect(try await !life.things().isEmpty)
                try await engine.stop()
                // What only waits does not notice: the next step asks the server.
                for process in life.processes(called: "tail", naming: site.folder) {
                    kill(Int32(process.prefix { $0 != ":" }) ?? 0, SIGTERM)
                }
                let end = try await program.waitForExit()
                #expect(end == .exited(69), "\(program.printed)")
                #expect(
                    program.printed.inOneLine.contains("the container engine at \(engine.address) ($DOCKER_HOST) does not answer"),
                    "\(program.printed)")
                #expect(!program.printed.contains("damaged"))

                let swept = try await life.lifeboat.run(["sweep"] + site.configured)
                #expect(swept.code == 69, "\(swept.output)\(swept.errors)")
                try await engine.startAgain()
                #expect(try await !life.things().isEmpty, "nothing is left to be swept")
                let again = try await life.lifeboat.run(["sweep"] + site.configured)
                #expect(again.code == 0, "\(again.output)\(again.errors)")
                #expect(try await life.things() == [])
                #expect(try await life.leftovers() == [])
            }
        }
    }
}
