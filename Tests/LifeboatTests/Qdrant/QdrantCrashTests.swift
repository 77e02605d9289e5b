import Bindings
import Recovery
import TestSupport
import Testing

/// The built program is killed in the middle of the mission's runbook on a server that outlives it, and goes on; and so is the server.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(60))) struct QdrantCrashTests {
    private func loop(_ site: QdrantSite, _ whole: [String]) -> CrashLoop {
        CrashLoop(
            site: site, arguments: site.run, prepare: { try await site.damage() },
            check: { life, before, comment in
                #expect(try await site.production.points("books") == whole, comment)
                #expect(try await site.production.aliases() == ["shelf": "books"], comment)
                #expect(try await site.leftOnServer() == [], comment)
                #expect(await site.appRuns(), comment)
                // What was finished before this life was not begun again, but for the copy, which is taken anew as long as nothing is destroyed.
                let lines = try await life.journal()
                let again = JournalWords.finished(before).intersection(JournalWords.begun(lines.dropFirst(before.count)))
                #expect(again.subtracting(["1.3"]) == [], comment)
                #expect(JournalWords.finished(lines).isSuperset(of: (1...10).map { "1.\($0)" }), comment)
            })
    }

    private func withLoop(_ body: (QdrantSite, CrashLoop) async throws -> Void) async throws {
        try await QdrantSite.with { site in
            let whole = try await site.production.points("books")
            try await site.backUp()
            try await body(site, loop(site, whole))
        }
    }

    @Test func afterAKillAtAnyEventTheRunGoesOnToItsEnd() async throws {
        try await withLoop { site, loop in
            let lines = try await loop.undisturbed().count
            let places = Soak.isOn ? Array(0...lines) : [0] + Soak.spread(lines, atMost: 14)
            #expect(try await loop.kill(at: places) >= places.count)
        }
    }

    @Test func afterAKillWithinALineTheCutIsWrittenDown() async throws {
        try await withLoop { site, loop in
            let lines = try await loop.undisturbed().count
            let places = Soak.isOn ? Array(1..<lines) : [lines * 2 / 3]
            #expect(try await loop.kill(at: places, tearing: true) >= places.count)
        }
    }

    @Test(.enabled(if: Soak.isOn)) func killsAtAnyMomentAreNoWorse() async throws {
        try await withLoop { _, loop in
            let kills = try await loop.killAtRandom(100)
            #expect(kills > 0)
        }
    }

    /// The server goes on when its client is gone: the next life waits until it has ended, and does not meet it.
    @Test(.requires(TestQdrant.missingStandIn)) func aKillWithinARecoverIsNoWorse() async throws {
        try await withLoop { site, loop in
            try await site.damage()
            try await site.production.hold(.recover)
            let life = try await Life("killed-in-recover", at: site)
            let program = try await life.start(site.run)
            let hit = try await life.kill(program) { _ in site.production.isHeld(in: .recover) }
            #expect(hit != nil, "it was not killed")
            let resumed = try await life.start(site.resume())
            // It has begun with the step again, and can get no further.
            await life.watch(resumed) { runs in
                guard let run = runs.first else { return false }
                var tail = Life.JournalTail()
                return tail.lines(in: "\(run)/journal.jsonl") >= (hit ?? 0) + 3
            }
            try await site.production.release(.recover)
            #expect(try await resumed.waitForExit() == .exited(0), "\(resumed.printed)")
            try await loop.holds(life, after: [], "killed in a recover")
        }
    }

    @Test(.requires(TestQdrant.missingStandIn)) func aServerThatDiesInTheMiddleOfARecoverIsRecoveredAgain() async throws {
        try await withLoop { site, loop in
            try await site.damage()
            try await site.production.hold(.recover)
            let life = try await Life("server-killed", at: site)
            let program = try await life.start(site.run)
            await life.watch(program) { _ in site.production.isHeld(in: .recover) }
            try await site.production.kill()
            try await site.production.release(.recover)
            try await site.production.start()
            #expect(try await program.waitForExit() == .exited(0), "\(program.printed)")
            try await loop.holds(life, after: [], "the server was killed")
        }
    }

    /// Both are gone: the server in the middle of its recover, and lifeboat with it.
    @Test(.requires(TestQdrant.missingStandIn)) func whenServerAndLifeboatDieTogetherTheNextLifeRecoversAgain() async throws {
        try await withLoop { site, loop in
            try await site.damage()
            try await site.production.hold(.recover)
            let life = try await Life("both-killed", at: site)
            let program = try await life.start(site.run)
            #expect(try await life.kill(program) { _ in site.production.isHeld(in: .recover) } != nil)
            try await site.production.kill()
            try await site.production.release(.recover)
            try await site.production.start()
            #expect(try await site.production.count("books") == nil, "it is there, and answers no question")
            try await loop.goOn(life, "both were killed")
        }
    }

    /// What a recover has uploaded lies on the server when lifeboat is killed before it deletes it.
    @Test(.requires(TestQdrant.missingStandIn)) func whatWasUploadedIsSweptWhenNobodyResumes() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            try await site.production.hold(.recover)
            let life = try await Life("killed-in-recover", at: site)
            let program = try await life.start(site.run)
            #expect(try await life.kill(program) { _ in site.production.isHeld(in: .recover) } != nil)
            try await site.production.release(.recover)
            try await eventually { try await site.production.count("books") == 60 }
            #expect(try await site.leftOnServer().count == 1)
            // As long as the run can be resumed it is nobody else's.
            let spared = try await life.lifeboat.run(["sweep"] + site.configured)
            #expect(spared.code == 0, "\(spared.errors)")
            #expect(try await site.leftOnServer().count == 1)
            let run = try #require(try await life.run())
            let abandoned = try await life.lifeboat.run(["abandon", run.rawValue] + site.configured)
            #expect(abandoned.code == 0 || abandoned.code == 1, "\(abandoned.output)\(abandoned.errors)")
            let swept = try await life.lifeboat.run(["sweep"] + site.configured)
            #expect(swept.code == 0, "\(swept.errors)")
            #expect(swept.output.contains("removed snapshot 'lifeboat-\(run.rawValue)-"), "\(swept.output)")
            #expect(try await site.leftOnServer() == [])
            #expect(try await site.production.count("books") == 60)
        }
    }
}
