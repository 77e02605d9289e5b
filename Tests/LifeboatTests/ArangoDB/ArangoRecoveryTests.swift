import Bindings
import Recovery
import TestSupport
import Testing

/// The built program on a server of ArangoDB: backed up, proven, lost and recovered, and drilled.
@Suite(.requires(TestArango.missingStandIn), .timeLimit(.minutes(10))) struct ArangoRecoveryTests {
    @Test func whatWasLostComesBackByTheShippedRunbook() async throws {
        try await ArangoSite.with { site in
            let whole = try await site.contents()
            try await site.backUp()
            try await site.damage()
            #expect(try await site.contents() != whole)
            let refused = try await site.lifeboat.run(site.arguments(confirm: false))
            #expect(refused.code == 1 && refused.errors.contains("--confirm graph"), "\(refused.output)\(refused.errors)")
            let run = try await site.lifeboat.run(site.run)
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.contents() == whole)
            #expect(await site.appRuns())
            #expect(run.output.contains("REHEARSAL, NOT EVIDENCE"), "\(run.output)")
        }
    }

    /// A step that replaces what it restores needs no other step, and the names of what goes.
    @Test func aDatabaseIsRestoredOverItself() async throws {
        try await ArangoSite.with { site in
            let whole = try await site.contents()
            try await site.backUp()
            try await site.damage()
            try await site.put(
                "over.yaml",
                """
                runbook: over
                title: Restore a database over itself
                targets: {graph: arangodb}
                backups: {dump: arangodb}
                steps:
                  - name: Restore over what is there
                    arangodb.restore: {database: library, from: dump, replace: true}
                  - name: Verify
                    arangodb.verify: {database: library, against: dump}
                """)
            let words = ["run", "\(site.folder)/over.yaml", "--target", "graph=graph"] + site.configured
            let refused = try await site.lifeboat.run(words)
            #expect(refused.code == 1 && refused.errors.contains("--confirm graph"), "\(refused.output)\(refused.errors)")
            let run = try await site.lifeboat.run(words + ["--confirm", "graph"])
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.contents() == whole)
        }
    }

    @Test func aDrillRestoresItElsewhereAndLeavesNothing() async throws {
        try await ArangoSite.with { site in
            let whole = try await site.contents()
            try await site.backUp()
            let drill = try await site.lifeboat("drill", "drill.yaml", "--environment", "process")
            #expect(drill.code == 0, "\(drill.output)\(drill.errors)")
            #expect(drill.output.contains("PASSED drill drill-arangodb"), "\(drill.output)")
            #expect(drill.output.contains("dropped 'library'"), "\(drill.output)")
            #expect(Life.processes(naming: "\(site.folder)/servers") == [])
            #expect(try await site.lifeboat("sweep").output == "Nothing was left behind.\n")
            #expect(try await site.contents() == whole)
        }
    }

    @Test func aDamagedPartIsRefusedBeforeAnythingIsTouched() async throws {
        try await ArangoSite.with { site in
            try await site.backUp()
            let folder = try await site.backupFolder()
            let parts = try await blocking { _ in try Files.list("\(folder)/dump/library").map(\.name) }
            #expect(parts.count > 10)
            for part in parts.sorted() {
                let path = "\(folder)/dump/library/\(part)"
                let sound = try await blocking { _ in try Files.read(path, limit: 1 << 24) }
                var damaged = sound
                damaged[sound.count / 2] ^= 1
                try await blocking { [damaged] _ in try Files.replace(path, damaged) }
                let run = try await site.lifeboat.run(site.run)
                #expect(run.code == 2 && (run.output + run.errors).contains(part), "\(part): \(run.output)\(run.errors)")
                #expect(await site.appRuns(), "\(part)")
                try await blocking { _ in try Files.replace(path, sound) }
            }
            #expect(try await site.production.count("books", in: ArangoSite.database) == ArangoSite.books)
            let verified = try await site.lifeboat("backups", "verify", String(folder.split(separator: "/store/").last ?? ""), "--deep")
            #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
        }
    }
}

/// The built program is killed in the middle of the runbook on a server that outlives it, and goes on; and so is the server.
@Suite(.requires(TestArango.missingStandIn), .timeLimit(.minutes(60))) struct ArangoCrashTests {
    private func withLoop(_ body: (ArangoSite, CrashLoop) async throws -> Void) async throws {
        try await ArangoSite.with { site in
            let whole = try await site.contents()
            try await site.backUp()
            let loop = CrashLoop(
                site: site, arguments: site.run, prepare: { try await site.damage() },
                check: { life, before, comment in
                    #expect(try await site.contents() == whole, comment)
                    #expect(await site.appRuns(), comment)
                    // But for the copy, which is taken anew as long as nothing is destroyed.
                    let lines = try await life.journal()
                    let again = JournalWords.finished(before).intersection(JournalWords.begun(lines.dropFirst(before.count)))
                    #expect(again.subtracting(["1.3"]) == [], comment)
                    #expect(JournalWords.finished(lines).isSuperset(of: (1...8).map { "1.\($0)" }), comment)
                })
            try await body(site, loop)
        }
    }

    @Test func afterAKillAtAnyEventTheRunGoesOnToItsEnd() async throws {
        try await withLoop { site, loop in
            let lines = try await loop.undisturbed().count
            let places = Soak.isOn ? Array(0...lines) : [0] + Soak.spread(lines, atMost: 14)
            #expect(try await loop.kill(at: places) >= places.count)
        }
    }

    @Test(.enabled(if: Soak.isOn)) func killsAtAnyMomentAreNoWorse() async throws {
        try await withLoop { _, loop in
            let kills = try await loop.killAtRandom(100)
            #expect(kills > 0)
        }
    }

    /// Whatever was restored before stays, and what was not is restored by the next life.
    @Test(arguments: [("restore-collection", 2), ("restore-data", 1), ("restore-indexes", 0), ("restore-view", 0)])
    func aKillWithinARestoreIsNoWorse(_ act: String, after: Int) async throws {
        try await withLoop { site, loop in
            try await site.damage()
            let gate = "\(site.folder)/gate"
            try await site.put("gate", "")
            try await site.production.meet(
                #"{"kind":"hold","path":"replication/\#(act)","after":\#(after),"times":1,"file":"\#(gate)","when":"after"}"#)
            let life = try await Life("killed-in-\(act)", at: site)
            let program = try await life.start(site.run)
            let hit = try await life.kill(program) { _ in isThereNow("\(gate).waiting") }
            #expect(hit != nil, "it was not killed")
            _ = try await blocking { _ in try Files.removeFile(gate) }
            try await site.production.forgetMishaps()
            try await loop.goOn(life, "killed in \(act)")
        }
    }

    @Test func aServerThatDiesWithLifeboatIsFilledByTheNextLife() async throws {
        try await withLoop { site, loop in
            try await site.damage()
            let gate = "\(site.folder)/gate"
            try await site.put("gate", "")
            try await site.production.meet(
                #"{"kind":"hold","path":"restore-data.collection=books","times":1,"file":"\#(gate)","when":"before"}"#)
            let life = try await Life("both-killed", at: site)
            let program = try await life.start(site.run)
            #expect(try await life.kill(program) { _ in isThereNow("\(gate).waiting") } != nil)
            try await site.production.kill()
            _ = try await blocking { _ in try Files.removeFile(gate) }
            try await site.production.start()
            try await loop.goOn(life, "both were killed")
        }
    }
}

/// Asked from where nobody can wait.
private func isThereNow(_ path: String) -> Bool { ((try? Files.status(of: path)) ?? nil) != nil }
