import Recovery
import TestSupport
import Testing

/// The built program is killed from outside in the middle of a recovery of a server that outlives it, and goes on.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(60))) struct RunCrashTests {
    private func loop(_ site: CrashSite) -> CrashLoop {
        CrashLoop(
            site: site, arguments: site.run, prepare: { try await site.damage() },
            check: { life, before, comment in try await check(site, life, before, comment) })
    }

    private func check(_ site: CrashSite, _ life: Life, _ before: [JournalLine], _ comment: Comment) async throws {
        #expect(try await site.isWhole(), comment)
        #expect(await site.appRuns(), comment)
        // What was finished before this life was not begun again, but for the copy, which is taken anew as long as nothing is destroyed.
        let lines = try await life.journal()
        let again = JournalWords.finished(before).intersection(JournalWords.begun(lines.dropFirst(before.count)))
        #expect(again.subtracting(["1.3"]) == [], comment)
        #expect(JournalWords.finished(lines).isSuperset(of: (1...9).map { "1.\($0)" }), comment)
    }

    @Test func afterAKillAtAnyEventTheRunGoesOnToItsEnd() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let places = CrashPoints.chosen(from: try await loop.undisturbed(), every: 3)
            #expect(try await loop.kill(at: places) >= places.count)
        }
    }

    @Test func afterAKillWithinALineTheCutIsWrittenDown() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let lines = try await loop.undisturbed()
            let places = CrashPoints.exhaustive ? Array(1..<lines.count) : [5, lines.count / 2, lines.count - 4]
            #expect(try await loop.kill(at: places, tearing: true) >= places.count)
        }
    }

    @Test func twoKillsInARowAreNoWorse() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let lines = try await loop.undisturbed()
            for again in CrashPoints.exhaustive ? [1, 2, 4, 7] : [3] {
                // Later ones come to their end before the second kill.
                let places = CrashPoints.exhaustive ? Array(1..<lines.count - again - 1) : [10, lines.count - 12]
                #expect(try await loop.kill(at: places, again: again) >= 2 * places.count)
            }
        }
    }

    /// The server builds on at the index when pg_restore is gone: that must not stand in the way.
    @Test func aKillWithinPgRestoreIsNoWorse() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            try await site.damage()
            try await site.closeGate()
            let life = try await Life("killed-in-pg_restore", at: site)
            let program = try await life.start(site.run)
            let hit = try await life.kill(program) { _ in life.isBuildingIndexes }
            #expect(hit != nil, "it was not killed")
            let resumed = try await life.start(site.resume())
            // The next life takes back what was restored and is killed in the middle as well.
            #expect(try await life.kill(resumed) { _ in life.isBuildingIndexes } != nil)
            try await site.openGate()
            try await loop.goOn(life, "killed twice in pg_restore")
        }
    }

    @Test func killsAtAnyMomentAreNoWorse() async throws {
        try await CrashSite.with { site in
            let kills = try await loop(site).killAtRandom(CrashPoints.exhaustive ? 100 : 2)
            #expect(kills > 0)
        }
    }
}
