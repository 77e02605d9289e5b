import Bindings
import FoundationEssentials
import Glibc
import Recovery
import TestSupport
import Testing

/// The built program is killed at any moment of a drill in containers: what the engine has of it is taken over or removed, always.
@Suite(.requires(TestPostgres.missing), .requires(TestDocker.missing), .timeLimit(.minutes(60))) struct ContainerCrashTests {
    /// What became of the drills that were killed.
    private struct Figures: CustomStringConvertible {
        var kills = 0
        var adopted = 0
        var anew = 0
        var givenUp = 0
        var over = 0
        var things = 0

        var description: String {
            "\(kills) kills: \(adopted) went on with the servers they had, \(anew) with new ones, \(givenUp) were given up, "
                + "\(over) had not begun or were over; \(things) containers, networks and volumes were left by the dead"
        }
    }

    @Test func afterAKillAtAnyMomentTheDrillGoesOnOrIsSweptAway() async throws {
        let engine = EngineEvents()
        let times = CrashPoints.exhaustive ? 50 : 5
        let seed = ProcessInfo.processInfo.environment["LIFEBOAT_SEED"].flatMap { UInt64($0) } ?? 1
        var random = SeededGenerator(seed: seed)
        var figures = Figures()
        try await engine.listening {
            try await CrashSite.with(.containers(at: nil)) { site in
                let loop = loop(site)
                let undisturbed = try await Life("undisturbed", at: site)
                let pace = try await DrillPace.of(undisturbed, site.drill, engine)
                try #require(pace.count > 30, "too little was seen of the drill")
                #expect(try await undisturbed.things() == [])
                for number in 1...times {
                    // One in every equal part of its time.
                    let share = (Double(number - 1) + Double.random(in: 0..<1, using: &random)) / Double(times)
                    let life = try await Life("kill-\(number)", at: site)
                    let hit = try await pace.kill(life.start(site.drill), of: life, at: share, engine)
                    guard let hit else {
                        #expect(try await life.things() == [])
                        continue
                    }
                    figures.kills += 1
                    let comment: Comment = "seed \(seed), kill \(number), \(hit)"
                    figures.things += try await life.things().count
                    if number.isMultiple(of: 3) {
                        try await giveUp(life, loop, &figures, comment)
                    } else {
                        try await goOn(life, loop, sweepingFirst: number.isMultiple(of: 2), &figures, comment)
                    }
                }
                #expect(figures.kills >= times * 4 / 5, "\(figures)")
            }
        }
        if CrashPoints.exhaustive { print("containers: \(figures)") }
    }

    /// Nobody is asked how far it got, on servers that are thrown away.
    @Test func aStepThatOnlyAPersonCouldJudgeIsDoneAgainOnNewServers() async throws {
        try await CrashSite.with(.containers(at: nil)) { site in
            let goes = "\(site.folder)/goes"
            let waiting = "exec: {command: [/bin/sh, -c, \"until [ -e \(goes) ]; do sleep 0.05; done\"], in_drills: run, destroys: []}"
            try await site.changeRunbook(addingBeforeDrop: "  - name: Wait\n    \(waiting)\n")
            let life = try await Life("waiting", at: site)
            let program = try await life.start(site.drill)
            await life.watch(program, untilItBegins: "1.5")
            program.send(SIGKILL)
            #expect(try await program.waitForExit() == .signalled(SIGKILL))
            try await write([], to: goes)
            let resumed = try await life.lifeboat.run(site.resume())
            #expect(resumed.code == 0, "\(resumed.output)\(resumed.errors)")
            #expect(try await life.things() == [])
            let generations = try await life.journal().compactMap { line in
                if case .environmentStarting(let environment) = line.event { environment.generation } else { nil }
            }
            #expect(generations == [1, 2])
        }
    }

    /// As long as it can be resumed they are its own, whatever is swept; afterwards they stay for a look, as was asked for at first.
    @Test func serversThatAreKeptOutliveAKillAndARecovery() async throws {
        try await CrashSite.with(.containers(at: nil)) { site in
            let life = try await Life("kept", at: site)
            let program = try await life.start(site.drill + ["--keep", "1h"])
            await life.watch(program, untilItBegins: "1.5")
            program.send(SIGKILL)
            #expect(try await program.waitForExit() == .signalled(SIGKILL))
            let things = Set(try await life.things())
            #expect(!things.isEmpty)
            let early = try await life.lifeboat.run(["sweep", "--kept"] + site.configured)
            #expect(early.code == 0, "\(early.output)\(early.errors)")
            #expect(Set(try await life.things()) == things, "\(early.output)")

            let resumed = try await life.lifeboat.run(site.resume())
            #expect(resumed.code == 0, "\(resumed.output)\(resumed.errors)")
            #expect(resumed.output.contains("docker exec -it") || resumed.errors.contains("docker exec -it"), "\(resumed.output)")
            let kept = Set(try await life.things())
            #expect(kept.isSuperset(of: things), "\(kept)")
            let swept = try await life.lifeboat.run(["sweep"] + site.configured)
            #expect(swept.code == 0, "\(swept.output)\(swept.errors)")
            #expect(Set(try await life.things()) == kept, "\(swept.output)")
            let over = try await life.lifeboat.run(["sweep", "--kept"] + site.configured)
            #expect(over.code == 0, "\(over.output)\(over.errors)")
            #expect(try await life.things() == [])
        }
    }

    private func loop(_ site: CrashSite) -> CrashLoop {
        CrashLoop(
            site: site, arguments: site.drill, prepare: {},
            check: { life, _, comment in
                let finished = JournalWords.finished(try await life.journal())
                #expect(finished.isSuperset(of: ["given.1"] + (1...9).map { "1.\($0)" }), comment)
                #expect(try await life.things() == [], comment)
            })
    }

    /// A sweep leaves to the drill what it may still want; the drill itself removes all of it.
    private func goOn(_ life: Life, _ loop: CrashLoop, sweepingFirst: Bool, _ figures: inout Figures, _ comment: Comment) async throws {
        let before = try await life.journal()
        let isResumable = !before.isEmpty && !loop.isOver(before)
        if sweepingFirst, isResumable {
            // What the engine was told to remove before goes in the meantime too.
            let swept = try await life.lifeboat.run(["sweep"] + loop.site.configured)
            #expect(swept.code == 0, "\(comment): \(swept.errors)")
            let runs = life.runNames()
            let ours = swept.output.split(separator: "\n").filter { line in runs.contains { line.contains($0) } }
            #expect(ours == [], "what the drill may still want was swept away: \(comment)")
        }
        if isResumable {
            let resumed = try await life.lifeboat.run(loop.site.resume())
            #expect(resumed.code == 0, "\(comment): \(resumed.output)\(resumed.errors)")
            #expect(try await life.things() == [], "without any sweep: \(comment)")
            let after = try await life.journal().dropFirst(before.count)
            let isAdopted = after.contains { if case .environmentAdopted = $0.event { true } else { false } }
            if isAdopted { figures.adopted += 1 } else { figures.anew += 1 }
            try await loop.holds(life, after: before, comment)
        } else {
            figures.over += 1
            try await loop.goOn(life, comment)
        }
    }

    /// Nobody wants it any more: a sweep removes all of it. The engine may still be at work on the last thing that it was asked for.
    private func giveUp(_ life: Life, _ loop: CrashLoop, _ figures: inout Figures, _ comment: Comment) async throws {
        let lines = try await life.journal()
        guard !lines.isEmpty, !loop.isOver(lines), let run = try await life.run() else {
            figures.over += 1
            return try await loop.goOn(life, comment)
        }
        figures.givenUp += 1
        let abandoned = try await life.lifeboat.run(["abandon", run.rawValue] + loop.site.configured)
        #expect(abandoned.code == 0, "\(comment): \(abandoned.errors)")
        try await eventually {
            let swept = try await life.lifeboat.run(["sweep"] + loop.site.configured)
            #expect(swept.code == 0, "\(comment): \(swept.output)\(swept.errors)")
            return try await life.things() == []
        }
        #expect(try await life.leftovers() == [], comment)
        let resumed = try await life.lifeboat.run(loop.site.resume())
        #expect(resumed.code == 66, "\(comment): \(resumed.output)\(resumed.errors)")
    }
}
