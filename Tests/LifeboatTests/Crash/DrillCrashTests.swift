import Recovery
import TestSupport
import Testing

/// The built program is killed from outside in the middle of a drill, whose servers go with it, and goes on.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(60))) struct DrillCrashTests {
    private func loop(_ site: CrashSite) -> CrashLoop {
        CrashLoop(
            site: site, arguments: site.drill, prepare: {},
            check: { life, _, comment in try await check(site, life, comment) })
    }

    /// On the servers that the drill ended with, everything was done, and held against what was backed up.
    private func check(_ site: CrashSite, _ life: Life, _ comment: Comment) async throws {
        let lines = try await life.journal()
        let start = lines.lastIndex { if case .environmentStarting = $0.event { true } else { false } } ?? 0
        let paths = ["given.1"] + (1...9).map { "1.\($0)" }
        #expect(JournalWords.finished(lines[start...]).isSuperset(of: paths), comment)
        let compared = lines[start...].reduce(0) { sum, line in
            if case .stepEnded(let end) = line.event, end.path == "1.8" { sum + end.checks.count { $0.compared > 0 } } else { sum }
        }
        #expect(compared > 0, comment)
        #expect(try await site.isWhole(), "a drill has touched what it drills for: \(comment)")
    }

    @Test func afterAKillAtAnyEventTheDrillGoesOnToItsEnd() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let places = CrashPoints.chosen(from: try await loop.undisturbed(), every: 9)
            #expect(try await loop.kill(at: places) >= places.count)
        }
    }

    @Test func afterAKillWithinALineTheCutIsWrittenDown() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let lines = try await loop.undisturbed()
            let places = CrashPoints.exhaustive ? Array(1..<lines.count) : [lines.count / 2]
            #expect(try await loop.kill(at: places, tearing: true) >= places.count)
        }
    }

    @Test func twoKillsInARowAreNoWorse() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            let lines = try await loop.undisturbed()
            let places = CrashPoints.exhaustive ? Array(1..<lines.count - 8) : [lines.count - 10]
            #expect(try await loop.kill(at: places, again: 7) >= 2 * places.count)
        }
    }

    /// Two runs write into one journal, in any order.
    @Test func afterAKillRunsSideBySideGoOnToTheirEnds() async throws {
        try await CrashSite.with { site in
            let paths = ["1.1"] + (3...8).map { "1.\($0)" }
            let all = paths + paths.map { "2\($0.dropFirst())" } + ["given.1", "given.2"]
            let loop = CrashLoop(
                site: site, arguments: try await site.drillOfTwo(), prepare: {},
                check: { life, _, comment in
                    let lines = try await life.journal()
                    let start = lines.lastIndex { if case .environmentStarting = $0.event { true } else { false } } ?? 0
                    #expect(JournalWords.finished(lines[start...]).isSuperset(of: all), comment)
                })
            let undisturbed = try await loop.undisturbed()
            let begun = undisturbed.compactMap { line in if case .stepStarted(let start) = line.event { start.path } else { nil } }
            let (first, last) = (
                try #require(begun.firstIndex { $0.hasPrefix("2.") }), try #require(begun.lastIndex { $0.hasPrefix("1.") })
            )
            #expect(first < last, "they were not under way at once: \(begun)")
            var kills = 0
            for place in CrashPoints.exhaustive ? Array(1..<undisturbed.count) : [2, 3].map({ undisturbed.count * $0 / 4 }) {
                let life = try await Life("killed-\(place)", at: site)
                guard let hit = try await life.kill(life.start(loop.arguments), atLine: place) else { continue }
                kills += 1
                try await loop.goOn(life, "killed at line \(hit)")
            }
            #expect(kills > 0)
        }
    }

    @Test func aKillWithinPgRestoreIsNoWorse() async throws {
        try await CrashSite.with { site in
            let loop = loop(site)
            try await site.closeGate()
            let life = try await Life("killed-in-pg_restore", at: site)
            let program = try await life.start(site.drill)
            let hit = try await life.kill(program) { _ in life.isBuildingIndexes }
            #expect(hit != nil, "it was not killed")
            try await site.openGate()
            try await loop.goOn(life, "killed in pg_restore")
        }
    }

    @Test func killsAtAnyMomentAreNoWorse() async throws {
        try await CrashSite.with { site in
            let kills = try await loop(site).killAtRandom(CrashPoints.exhaustive ? 100 : 2)
            #expect(kills > 0)
        }
    }
}
