import Bindings
import Glibc
import Recovery
import TestSupport
import Testing

/// Somebody stops the built program: clean-up and `always` run, the journal and the reports are whole, and the run goes on later.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(10))) struct SignalTests {
    /// What the program says of its own end. When the connection to a terminal drops, that is an order to stop like any other.
    private static let told: [Int32: Int32] = [SIGINT: SIGINT, SIGTERM: SIGTERM, SIGHUP: SIGTERM]

    private func loop(_ site: CrashSite, _ arguments: [String]) -> CrashLoop {
        CrashLoop(
            site: site, arguments: arguments, prepare: {},
            check: { life, _, comment in
                let finished = JournalWords.finished(try await life.journal())
                #expect(finished.contains("1.9"), comment)
            })
    }

    @Test(arguments: ["drill": [SIGINT, SIGTERM], "run": [SIGINT, SIGTERM, SIGHUP]])
    func whileARestoreGoesOnASignalStopsItAndItCanBeResumed(kind: String, signals: [Int32]) async throws {
        try await CrashSite.with { site in
            for sent in signals {
                let told = try #require(Self.told[sent])
                try await site.damage()
                try await site.closeGate()
                let comment: Comment = "\(kind), signal \(sent)"
                let life = try await Life("\(kind)-\(sent)", at: site)
                let program = try await life.start(kind == "drill" ? site.drill : site.run)
                await life.watchUntilItRestores(program)
                program.send(sent)
                #expect(try await program.waitForExit() == .signalled(told), "\(comment): \(program.printed)")
                try await isCleanlyStopped(life, site, at: "1.7", by: told, isDrill: kind == "drill", comment)
                try await site.openGate()
                try await loop(site, kind == "drill" ? site.drill : site.run).goOn(life, comment)
                #expect(try await site.isWhole() == (kind == "run"), comment)
            }
        }
    }

    private static let waiting = """
          - name: Wait
            exec: {command: [/bin/sh, -c, "until [ -e GATE ]; do sleep 0.05; done"], rerun: safe, in_drills: run, destroys: []}

        """

    @Test(arguments: ["drill": [SIGINT], "run": [SIGTERM]])
    func whileAStepWaitsASignalStopsItAndItCanBeResumed(kind: String, signals: [Int32]) async throws {
        try await CrashSite.with { site in
            try await site.changeRunbook(addingBeforeDrop: Self.waiting.replacing("GATE", with: site.gate))
            for sent in signals {
                let told = try #require(Self.told[sent])
                try await site.damage()
                try await site.closeGate()
                let comment: Comment = "\(kind), signal \(sent)"
                let life = try await Life("\(kind)-\(sent)", at: site)
                let program = try await life.start(kind == "drill" ? site.drill : site.run)
                await life.watch(program, untilItBegins: "1.5")
                program.send(sent)
                #expect(try await program.waitForExit() == .signalled(told), "\(comment): \(program.printed)")
                try await isCleanlyStopped(life, site, at: "1.5", by: told, isDrill: kind == "drill", comment)
                let isWhole = try await site.isWhole()
                #expect(!isWhole, "what was destroyed is back already: \(comment)")
                try await site.openGate()
                try await loop(site, kind == "drill" ? site.drill : site.run).goOn(life, comment)
            }
        }
    }

    /// Right after the end of the program, before anybody has swept.
    private func isCleanlyStopped(
        _ life: Life, _ site: CrashSite, at path: String, by signal: Int32, isDrill: Bool, _ comment: Comment
    ) async throws {
        let left = life.processes()
        #expect(left == [], comment)
        try await eventually { try await site.held() == [] }
        let lines = try await life.journal()
        guard case .runEnded(let end)? = lines.last?.event else {
            Issue.record("the journal has no end: \(comment)")
            return
        }
        #expect(end.exitCode == 128 + signal, comment)
        #expect(end.next.first?.command.hasPrefix("lifeboat resume ") == true, comment)
        let ends = lines.compactMap { line in if case .stepEnded(let end) = line.event { end } else { nil } }
        #expect(ends.contains { $0.path == path && $0.status == .interrupted }, comment)
        // A drill tells nobody.
        #expect(ends.last.map { "\($0.path) \($0.status)" } == "always-1.1 \(isDrill ? "skipped" : "passed")", comment)
        let hasReports = try await life.hasReports()
        #expect(hasReports, comment)
    }

    private static let hanging = """
        always:
          - name: Hang
            exec: {command: [/bin/sh, -c, "until [ -e GATE ]; do sleep 0.05; done"], rerun: safe, in_drills: run, destroys: []}

        """

    @Test(arguments: ["drill", "run"]) func aSecondSignalCutsAlwaysShort(kind: String) async throws {
        try await CrashSite.with { site in
            try await site.changeRunbook(always: Self.hanging.replacing("GATE", with: site.gate))
            try await site.damage()
            try await site.closeGate()
            let life = try await Life(kind, at: site)
            let program = try await life.start(kind == "drill" ? site.drill : site.run)
            await life.watchUntilItRestores(program)
            program.send(SIGTERM)
            await life.watch(program, untilItBegins: "always-1.1")
            program.send(SIGINT)
            // The first one tells how it ended.
            #expect(try await program.waitForExit() == .signalled(SIGTERM), "\(program.printed)")
            let left = life.processes()
            #expect(left == [])
            try await site.openGate()
            try await loop(site, kind == "drill" ? site.drill : site.run).goOn(life, "after two signals")
        }
    }

    /// A server that takes no orders must not keep the program from ending: the second signal is not waited out for ever.
    @Test func aSecondSignalEndsItAlsoWhenTheServerHangs() async throws {
        try await CrashSite.with { site in
            try await site.damage()
            try await site.closeGate()
            let life = try await Life("hanging", at: site)
            let program = try await life.start(site.run)
            await life.watchUntilItRestores(program)
            try await site.whileItHangs {
                program.send(SIGINT)
                // Two that come at once are one.
                await life.watch(program) { _ in program.printed.contains("lifeboat: stopping: ") }
                program.send(SIGINT)
                let end = try await program.waitForExit()
                #expect(end == .signalled(SIGINT), "\(program.printed)")
            }
            try await site.openGate()
            try await loop(site, site.run).goOn(life, "after a hanging server")
            #expect(try await site.isWhole())
        }
    }

    /// `nohup lifeboat run … &`: who has asked for that is not stopped by the end of the session.
    @Test func aRunThatIsToOutliveItsTerminalDoes() async throws {
        try await CrashSite.with { site in
            try await site.damage()
            try await site.closeGate()
            let life = try await Life("nohup", at: site)
            let nohup = life.under("/usr/bin/nohup")
            let program = try await RunningProgram.start(nohup, [life.lifeboat.path] + site.run, log: "\(life.folder)/log")
            await life.watchUntilItRestores(program)
            program.send(SIGHUP)
            try await site.openGate()
            #expect(try await program.waitForExit() == .exited(0), "\(program.printed)")
            #expect(try await site.isWhole())
        }
    }
}
