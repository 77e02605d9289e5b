import Documents
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct PrunerTests {
    private let store = MemoryStore(name: "main")
    private let time = InstantTime(now: .at("2026-12-01"))
    private let old = WrittenSet(.at("2026-11-01"))
    private let proven = WrittenSet(.at("2026-11-02"))
    private let held = WrittenSet(.at("2026-11-03"))
    private let newest = WrittenSet(.at("2026-11-30"))

    private func pruner(_ store: (any Store)? = nil) -> Pruner {
        Pruner(store: store ?? self.store, digests: TestDigests(), time: time, host: "test")
    }
    private func holds(_ store: (any Store)? = nil) -> Holds {
        Holds(store: store ?? self.store, digests: TestDigests(), time: time, host: "test")
    }
    private func marks(_ store: (any Store)? = nil) -> SetMarks {
        SetMarks(store: store ?? self.store, digests: TestDigests(), time: time, host: "test")
    }
    private var catalog: Catalog { Catalog(store: store, digests: TestDigests(), inventories: PlainInventories()) }
    private let rules = Pruner.Subject.policy("nightly", KeepRules(last: 1))

    private func fill() async throws {
        for set in [old, proven, held, newest] { try await set.write(to: store) }
        try await proven.prove(at: .at("2026-11-15"), in: store)
    }

    private func keys(of set: WrittenSet) -> [String] { store.keys.filter { $0.hasPrefix("\(set.path)/") && !$0.contains("/notes/") } }
    private func actions(_ report: PruneReport) -> [String: PruneReport.Action] {
        Dictionary(report.rows.map { ($0.set, $0.action) }) { first, _ in first }
    }

    @Test func marksFirstAndRemovesAtLeastAnHourLater() async throws {
        try await fill()
        let before = store.keys
        let first = try await pruner().prune(rules)
        #expect(actions(first) == [newest.set: .kept, held.set: .marked, proven.set: .kept, old.set: .marked])
        #expect(Set(before).isSubset(of: store.keys), "nothing is removed yet")
        #expect(
            try await catalog.reasonNotUsable(BackupID(policy: "nightly", set: old.set, target: "app-db")) == "it is marked for deletion")

        try await time.sleep(for: .seconds(3599))
        let tooEarly = try await pruner().prune(rules)
        #expect(tooEarly.rows.last?.action == .waits)
        #expect(tooEarly.rows.last?.goesBecause == "no rule keeps it; removed by a prune after 2026-12-01T03:00:00.000Z")

        try await time.sleep(for: .seconds(2))
        let second = try await pruner().prune(rules)
        #expect(actions(second) == [newest.set: .kept, held.set: .removed, proven.set: .kept, old.set: .removed])
        #expect(second.rows.last?.bytes.map { $0 > 100 } == true)
        #expect(second.problems == [])
        #expect(!store.keys.contains { $0.hasPrefix(old.path) || $0.hasPrefix(held.path) }, "nothing of them is left")
        #expect(second.rows[2].keptBecause == ["proven by drill monthly on 2026-11-15"])
        #expect(try await pruner().prune(rules).rows.map(\.action) == [.kept, .kept])
    }

    @Test func aDryRunTouchesNothing() async throws {
        try await fill()
        let before = store.keys
        let report = try await pruner().prune(rules, dryRun: true)
        #expect(report.rows.map(\.action) == [.kept, .marked, .kept, .marked])
        #expect(store.keys == before)
    }

    @Test func rulesThatKeepNothingAreRefused() async throws {
        let failure = await #expect(throws: Failure.self) { try await pruner().prune(.policy("nightly", KeepRules())) }
        #expect(failure?.problem == "the rules of policy 'nightly' keep nothing, so nothing is removed")
    }

    /// Whatever fails, what has to stay is untouched, nothing half removed looks whole, and the next prune ends the work.
    @Test(arguments: FaultyStore.Moment.allCases, Faults.Extent.allCases)
    func anyFailureLosesNothingAndTheNextPruneFinishes(moment: FaultyStore.Moment, extent: Faults.Extent) async throws {
        for phase in [0, 1] {
            for n in 1... {
                let fresh = PrunerTests()
                guard try await fresh.survivesFailure(of: n, moment, extent, inPhase: phase) else {
                    #expect(n > 20, "the loop has broken something")
                    break
                }
            }
        }
    }

    private func survivesFailure(of n: Int, _ moment: FaultyStore.Moment, _ extent: Faults.Extent, inPhase phase: Int) async throws -> Bool
    {
        try await fill()
        _ = try await holds().take("nightly", held.set, for: "run", until: .at("2027-01-01"))
        if phase == 1 {
            _ = try await pruner().prune(rules)
            try await time.sleep(for: .seconds(7200))
        }
        let staying = [proven, held, newest].flatMap(keys)
        let faulty = FaultyStore(store, failingCall: n, moment, extent)
        do {
            let report = try await pruner(faulty).prune(rules)
            #expect(report.problems.isEmpty == !faulty.hasFailed, "failing call \(n) was kept quiet about")
        } catch let failure as Failure {
            #expect(failure.kind == .storeUnavailable, "after failing call \(n)")
        }

        #expect(Set(staying).isSubset(of: store.keys), "after failing call \(n)")
        for set in [proven, held, newest] {
            let id = BackupID(policy: "nightly", set: set.set, target: "app-db")
            #expect(try await catalog.reasonNotUsable(id) == nil, "after failing call \(n)")
        }
        if keys(of: old).count < 5 {
            let id = BackupID(policy: "nightly", set: old.set, target: "app-db")
            #expect(try await catalog.reasonNotUsable(id) != nil, "half removed and looks whole after failing call \(n)")
        }
        for _ in 0..<2 {
            #expect(try await pruner().prune(rules).problems == [])
            try await time.sleep(for: .seconds(7200))
        }
        #expect(!store.keys.contains { $0.hasPrefix(old.path) }, "not finished after failing call \(n)")
        #expect(Set(staying).isSubset(of: store.keys))
        return faulty.hasFailed
    }

    // MARK: - Two at once

    /// A run takes hold of a set at any moment of a prune, in either phase: it is refused, or the set stays whole.
    @Test(arguments: [false, true]) func aRunAndAPruneNeverBothWin(isMarked: Bool) async throws {
        for n in 1... {
            let fresh = PrunerTests()
            guard try await fresh.survivesARun(before: n, isMarked) else { break }
        }
    }

    private func survivesARun(before n: Int, _ isMarked: Bool) async throws -> Bool {
        try await fill()
        if isMarked {
            _ = try await pruner().prune(rules)
            try await time.sleep(for: .seconds(7200))
        }
        let whole = keys(of: old)
        let run = Attempt()
        let store = InterleavingStore(store, before: n) { [self] in
            await run.make { _ = try await holds().take("nightly", old.set, for: "restore", until: time.now.advanced(bySeconds: 100_000)) }
        }
        _ = try await pruner(store).prune(rules)
        try await time.sleep(for: .seconds(7200))
        _ = try await pruner().prune(rules)
        switch await run.outcome {
        case .succeeded: #expect(keys(of: old) == whole, "taken from under a run that began before call \(n)")
        case .failed(let failure):
            #expect(failure.kind == .refused || failure.kind == .notFound)
            #expect(!self.store.keys.contains { $0.contains("-hold-") }, "a run that was refused holds nothing")
        case .notMade: return false
        }
        return true
    }

    /// A prune runs at any moment of a run taking hold.
    @Test func aPruneAndARunNeverBothWin() async throws {
        for n in 1... {
            let fresh = PrunerTests()
            try await fresh.fill()
            let whole = fresh.keys(of: fresh.old)
            let store = InterleavingStore(fresh.store, before: n) { _ = try await fresh.pruner().prune(fresh.rules) }
            let hold = try? await fresh.holds(store).take(
                "nightly", fresh.old.set, for: "restore", until: fresh.time.now.advanced(bySeconds: 100_000))
            try await fresh.time.sleep(for: .seconds(7200))
            _ = try await fresh.pruner().prune(fresh.rules)
            if hold != nil { #expect(fresh.keys(of: fresh.old) == whole, "taken from under a run, prune before call \(n)") }
            guard store.hasActed else { break }
        }
    }

    @Test func aHoldThatIsReleasedLetsTheSetGo() async throws {
        try await fill()
        let hold = try await holds().take("nightly", old.set, for: "run", until: .at("2027-01-01"))
        let longer = try await holds().take("nightly", old.set, for: hold.run, until: .at("2028-01-01"))
        #expect(try await pruner().prune(rules).rows.last?.keptBecause == ["in use until 2028-01-01T02:00:00.000Z by run run"])
        try await holds().release(longer)
        #expect(try await pruner().prune(rules).rows.last?.action == .marked)
        let failure = await #expect(throws: Failure.self) {
            _ = try await holds().take("nightly", old.set, for: "late", until: .at("2027-01-01"))
        }
        #expect(failure?.kind == .refused)
        #expect(
            failure?.problem == "nightly/20261101T020000Z-aaaaaa is marked for deletion since 2026-12-01T02:00:00.000Z: no rule keeps it")
        #expect(!store.keys.contains { $0.contains("-hold-") })
    }

    /// A prune at any moment of a backup being written: what the backup has written stays.
    @Test func aBackupAndAPruneDoNotMeet() async throws {
        for n in 1... {
            let fresh = PrunerTests()
            try await fresh.fill()
            let next = WrittenSet(.at("2026-11-29"))
            let expires = Timestamp.at("2026-12-02")
            let store = InterleavingStore(fresh.store, before: n) {
                _ = try await fresh.pruner().prune(fresh.rules)
                try await fresh.time.sleep(for: .seconds(7200))
                _ = try await fresh.pruner().prune(fresh.rules)
            }
            try await next.write(to: store, expires: expires)
            #expect(fresh.keys(of: next).count == 5, "prune before call \(n)")
            guard store.hasActed else { break }
        }
    }

    @Test func whatABackupThatIsBeingWrittenPointsToStays() async throws {
        try await fill()
        let part = StoredObject(bytes: 4, sha256: TestDigests().sha256(Array("rows".utf8)))
        var next = WrittenSet(.at("2026-11-29"))
        next.pointsTo = [
            "app-db": [
                Artifact(key: "dump/rows", owner: BackupID(policy: "nightly", set: old.set, target: "app-db"), content: part, stored: part)
            ]
        ]
        try await next.write(to: store, expires: .at("2026-12-03"), untilEnd: false)
        #expect(try await pruner().prune(rules).rows.last?.keptBecause == ["\(next.path) needs parts of it"])
        // Its time passes and it is never finished: it goes, and only then what it pointed to.
        try await time.sleep(for: .seconds(3 * 86_400))
        #expect(
            actions(try await pruner().prune(rules)) == [
                newest.set: .kept, next.set: .marked, held.set: .removed, proven.set: .kept, old.set: .marked,
            ])
        try await time.sleep(for: .seconds(7200))
        #expect(
            actions(try await pruner().prune(rules)) == [
                newest.set: .kept, next.set: .removed, proven.set: .kept, old.set: .removed,
            ])
    }

    @Test func aPartThatAnotherPolicyPointsToStays() async throws {
        try await fill()
        let part = StoredObject(bytes: 4, sha256: TestDigests().sha256(Array("rows".utf8)))
        var weekly = WrittenSet(.at("2026-11-28"))
        weekly.policy = "weekly"
        weekly.pointsTo = [
            "app-db": [
                Artifact(key: "dump/rows", owner: BackupID(policy: "nightly", set: old.set, target: "app-db"), content: part, stored: part)
            ]
        ]
        try await weekly.write(to: store)
        #expect(try await pruner().prune(rules).rows.last?.keptBecause == ["\(weekly.path) needs parts of it"])
    }

    // MARK: - By hand and by mistake

    @Test func aDeletionIsWithdrawnWhenTheRulesKeepTheSetAfterAll() async throws {
        try await fill()
        _ = try await pruner().prune(rules)
        let report = try await pruner().prune(.policy("nightly", KeepRules(last: 9)))
        #expect(actions(report) == [newest.set: .kept, held.set: .withdrawn, proven.set: .kept, old.set: .withdrawn])
        #expect(!store.keys.contains { $0.contains("-deletion-") })
    }

    @Test func aPinWithdrawsAFreshDeletionAndRefusesALateOne() async throws {
        try await fill()
        _ = try await pruner().prune(rules)
        #expect(try await marks().pin("nightly", old.set, because: "audit"))
        #expect(try await pruner().prune(rules).rows.last?.keptBecause == ["pinned: audit"])
        try await time.sleep(for: .seconds(3301))
        let failure = await #expect(throws: Failure.self) { try await marks().pin("nightly", held.set, because: "audit") }
        #expect(
            failure?.problem
                == "nightly/20261103T020000Z-aaaaaa is marked for deletion since 2026-12-01T02:00:00.000Z, and may be going at this moment")
        #expect(store.keys.count { $0.contains("-pin-") } == 1)
        #expect(try await marks().unpin("nightly", old.set) == 1)
        #expect(try await pruner().prune(rules).rows.last?.action == .marked)
    }

    @Test func deletingByHandProtectsWhatIsLast() async throws {
        try await fill()
        let hold = try await holds().take("nightly", held.set, for: "run", until: .at("2027-01-01"))
        func refusal(_ set: WrittenSet, force: Bool = false) async -> String? {
            do { try await marks().delete("nightly", set.set, force: force, by: "ann") } catch { return (error as? Failure)?.problem }
            return nil
        }
        #expect(await refusal(proven) == "\(proven.path) should not be deleted: it holds the last proven backup of 'app-db'")
        #expect(
            await refusal(held, force: true) == "\(held.path) cannot be deleted: it is in use until 2027-01-01T02:00:00.000Z by run run")
        try await holds().release(hold)
        for set in [held, newest, old] { #expect(await refusal(set) == nil) }
        #expect(await refusal(proven, force: true) == nil)
        #expect(await refusal(WrittenSet(.at("2020-01-01"))) == "there is no set nightly/20200101T020000Z-aaaaaa in store 'main'")
        try await time.sleep(for: .seconds(3601))
        let report = try await pruner().prune(.policy("nightly", KeepRules(last: 9)))
        #expect(report.rows.map(\.action) == [.removed, .removed, .removed, .removed])
        #expect(report.rows[0].goesBecause == "deleted by hand by ann at 2026-12-01T02:00:00.000Z")
    }

    @Test func notesAndManifestsThatCannotBeReadMeanKeep() async throws {
        try await fill()
        store["\(old.path)/notes/20261130T000000Z-proof-zzzzzz.json"] = Array("{".utf8)
        store.flip("\(held.path)/app-db/manifest.json", byte: 40)
        let report = try await pruner().prune(rules)
        #expect(report.rows.map(\.action) == [.kept, .kept, .kept, .kept])
        #expect(
            report.rows[3].keptBecause == ["\(old.path)/notes/20261130T000000Z-proof-zzzzzz.json cannot be read, so nothing is removed"])
        // It may point to older sets and cannot say so.
        try await marks().delete("nightly", held.set, force: false, by: "ann")
        try await time.sleep(for: .seconds(3601))
        #expect(actions(try await pruner().prune(rules)) == [newest.set: .kept, held.set: .removed, proven.set: .kept, old.set: .kept])
    }

    @Test func anUnfinishedSetThatDoesNotSayUntilWhenIsKept() async throws {
        try await fill()
        let begun = WrittenSet(.at("2020-01-01"))
        try await begun.write(to: store, untilEnd: false)
        store.truncate("\(begun.path)/begin.json", to: 9)
        for _ in 0..<2 {
            let row = try #require(try await pruner().prune(rules).rows.first { $0.set == begun.set })
            #expect(row.action == .kept)
            #expect(row.keptBecause.first?.hasPrefix("\(begun.path)/begin.json cannot be read: ") == true, "\(row.keptBecause)")
            try await time.sleep(for: .seconds(3601))
        }
    }

    @Test func foldersOfOthersAreLeftAlone() async throws {
        try await fill()
        store["nightly/lost+found/thing"] = [1]
        let report = try await pruner().prune(rules)
        #expect(
            report.rows.first { $0.set == "lost+found" }?.keptBecause == ["not written by lifeboat: it has neither begin.json nor set.json"]
        )
    }

    @Test func aDamagedNewestSetPushesNoGoodOneOut() async throws {
        try await fill()
        store.truncate("\(newest.path)/app-db/dump/rows", to: 1)
        let report = try await pruner().prune(rules)
        #expect(report.rows[0].keptBecause == ["no newer set holds a whole backup"])
        #expect(report.rows[1].keptBecause == ["newest", "the last one"])
    }

    @Test func safetyCopiesOfRunsAreNoPolicysBusiness() async throws {
        try await fill()
        var copy = WrittenSet(.at("2026-11-20"), set: "20261120T020000Z-recover-abc")
        copy.policy = "_safety"
        try await copy.write(to: store)
        _ = try await holds().take("_safety", copy.set, for: copy.set, until: .at("2026-12-10"))
        #expect(try await pruner().prune(rules).rows.count == 4)
        #expect(
            try await pruner().prune(.safetyCopies).rows.map(\.keptBecause) == [
                ["safety copy of run 20261120T020000Z-recover-abc, until 2026-12-10T02:00:00.000Z"]
            ])
        try await marks().delete("_safety", copy.set, force: false, by: "ann")
        try await time.sleep(for: .seconds(3601))
        #expect(try await pruner().prune(.safetyCopies).rows.map(\.action) == [.removed])
        #expect(!store.keys.contains { $0.hasPrefix("_safety") })
    }
}

/// What came of something that was tried once.
private actor Attempt {
    enum Outcome {
        case notMade, succeeded
        case failed(Failure)
    }
    private(set) var outcome = Outcome.notMade

    func make(_ act: () async throws -> Void) async {
        do {
            try await act()
            outcome = .succeeded
        } catch { outcome = .failed(Failure.wrapping(error, while: "trying")) }
    }
}
