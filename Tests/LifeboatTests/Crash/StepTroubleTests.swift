import Bindings
import Recovery
import TestSupport
import Testing

/// What a runbook says of steps that are slow or fail, and what a person says of single steps, tried on the built program.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(10))) struct StepTroubleTests {
    private func attempts(of path: String, in lines: [JournalLine]) -> [StepEnded] {
        lines.compactMap { line in
            if case .stepEnded(let end) = line.event, end.path == path { end } else { nil }
        }
    }

    @Test func aRestoreThatTakesTooLongIsTakenBackAndTriedAgain() async throws {
        try await CrashSite.with { site in
            try await site.changeRestore("    timeout: 5s\n    attempts: 2\n    backoff: 1s\n")
            try await site.damage()
            try await site.closeGate()
            let life = try await Life("slow", at: site)
            let program = try await life.start(site.run)
            await life.watch(program) { _ in program.printed.contains("trying again in 1 s") }
            try await site.openGate()
            #expect(try await program.waitForExit() == .exited(0), "\(program.printed)")
            let attempts = attempts(of: "1.7", in: try await life.journal())
            #expect(attempts.map(\.status) == [.broke, .passed])
            #expect(
                attempts.first?.failure?.problem == "'Restore' took longer than 5s, the time it is given", "\(attempts)")
            #expect(try await site.isWhole())
            try await eventually { try await site.held() == [] }
        }
    }

    @Test func aStepThatIsTooSlowStopsTheRunAndANewOneBeginsWhereItIsNeeded() async throws {
        try await CrashSite.with { site in
            try await site.changeRestore("    timeout: 5s\n")
            try await site.damage()
            try await site.closeGate()
            let slow = try await Life("slow", at: site)
            let ended = try await slow.lifeboat.run(site.run)
            #expect(ended.code == 1, "\(ended.output)\(ended.errors)")
            #expect(ended.output.contains("took longer than"), "\(ended.output)")
            let lines = try await slow.journal()
            #expect(JournalWords.finished(lines).contains("always-1.1"))
            #expect(!JournalWords.begun(lines).contains("1.8"))
            #expect(slow.processes() == [])
            try await eventually { try await site.held() == [] }

            try await site.openGate()
            let next = try await Life("next", at: site)
            let again = try await next.lifeboat.run(site.run + ["--from", "1.5", "--skip", "1.4"])
            #expect(again.code == 0, "\(again.output)\(again.errors)")
            #expect(again.output.contains("  - 1.3 Keep what is there: left out with --from 1.5\n"), "\(again.output)")
            #expect(try await site.isWhole())
            #expect(await site.appRuns())
        }
    }

    @Test func aStepThatMayFailLetsTheRestGoOnAndIsStillTold() async throws {
        try await CrashSite.with { site in
            try await site.changeRunbook(
                addingBeforeDrop: "  - name: Ring\n    exec: {command: [/bin/false], destroys: []}\n    on_failure: continue\n")
            try await site.damage()
            let life = try await Life("ringing", at: site)
            let ended = try await life.lifeboat.run(site.run)
            #expect(ended.code == 1, "\(ended.output)\(ended.errors)")
            #expect(ended.output.hasPrefix("BROKE run rebuild: broke off at step 1.5 'Ring'"), "\(ended.output)")
            #expect(JournalWords.finished(try await life.journal()).isSuperset(of: ["1.8", "1.9", "1.10", "always-1.1"]))
            #expect(try await site.isWhole())
        }
    }

    /// Killed in a command of the operator's: that one is named, and what a person says of it is done.
    @Test func aCommandThatWasCutOffIsForAPersonToJudge() async throws {
        try await CrashSite.with { site in
            try await site.changeRunbook(
                addingBeforeDrop: "  - name: Ring\n    exec: {command: [tail, -f, \(site.folder)/rebuild.yaml], destroys: []}\n")
            try await site.damage()
            let life = try await Life("ringing", at: site)
            let program = try await life.start(site.run)
            let hit = try await life.kill(program) { _ in !life.processes(called: "tail", naming: site.folder).isEmpty }
            #expect(hit != nil, "it was not killed")
            let paused = try await life.lifeboat.run(site.resume())
            #expect(paused.code == 5, "\(paused.output)\(paused.errors)")
            #expect(
                paused.output.contains("step 1.5 'Ring' was interrupted, and only a person can tell how far it got"), "\(paused.output)")
            try await eventually { life.processes(called: "tail", naming: site.folder).isEmpty }
            let ended = try await life.lifeboat.run(site.resume("--skip", "1.5"))
            #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
            #expect(try await site.isWhole())
        }
    }
}
