import Documents
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct CheckTests {
    private let store = MemoryStore(name: "main")
    private let time = InstantTime(now: .at("2026-12-01T03:00:00"))
    private static let limits = CheckLimits(
        every: .seconds(86_400), maxAge: .seconds(93_600), minBytes: 100, sizeChange: 0.5, provenWithin: .seconds(35 * 86_400))

    private func check(
        _ limits: CheckLimits = limits, targets: [String] = ["app-db"], in other: (any ReadableStore)? = nil
    ) async throws -> CheckReport {
        let catalog = Catalog(store: other ?? store, digests: TestDigests(), inventories: PlainInventories())
        return try await Check(time: time).run([.init(policy: "nightly", targets: targets, limits: limits, catalog: catalog)])
    }

    /// Sets of the given sizes, newest first, one a night, the newest an hour old.
    private func nights(_ sizes: [Int]) async throws -> [WrittenSet] {
        var sets: [WrittenSet] = []
        for (nights, size) in sizes.enumerated() {
            var set = WrittenSet(Timestamp.at("2026-12-01").advanced(bySeconds: Double(nights) * -86_400))
            set.targets = ["app-db": Array(repeating: 7, count: size)]
            try await set.write(to: store)
            sets.append(set)
        }
        return sets
    }

    private func troubles(_ report: CheckReport) -> [String] {
        report.items.flatMap(\.findings).filter { $0.state != .ok }.map { "\($0.state.rawValue): \($0.words)" }
    }

    @Test func allIsWell() async throws {
        let sets = try await nights([1000, 1010, 990])
        try await sets[2].prove(at: .at("2026-11-29T03:00:00"), in: store)
        let report = try await check()
        #expect(report.state == .ok)
        let item = try #require(report.items.first)
        #expect(
            item.findings.map(\.words) == [
                "the newest backup has all its parts at their sizes", "the newest backup restores to 1h ago; it may be 26h",
                "it has 1000 B, those before it had about 1000 B", "proven 2d ago by drill monthly; a proof is due every 35d",
                "no gaps in the newest 3 sets",
            ])
        #expect(item.ageSeconds == 3600)
        #expect(item.bytes == 1000)
        #expect(item.likelyBytes == 500...1500)
        #expect(item.provenAgeSeconds == 172_800)
        #expect(item.sets == 3)
        #expect(try CanonicalJSON.decode(CheckReport.self, from: CanonicalJSON.encode(report)) == report)
    }

    @Test func noBackupIsCritical() async throws {
        #expect(troubles(try await check()) == ["CRITICAL: there is no backup in store 'main'"])
        try await WrittenSet(.at("2026-12-01")).write(to: store, expires: .at("2026-12-02"), untilEnd: false)
        #expect(
            troubles(try await check()) == ["CRITICAL: no usable backup; set 20261201T020000Z-aaaaaa was begun and not finished"])
    }

    @Test func nothingToCheckIsUnknown() async throws {
        #expect(try await Check(time: time).run([]).state == .unknown)
        #expect(CheckState.worst([.ok, .unknown]) == .unknown)
        #expect(CheckState.worst([.unknown, .warning]) == .warning)
        #expect(CheckState.worst([.warning, .critical, .unknown]) == .critical)
        #expect(CheckState.allCases.map(\.exitCode) == [0, 1, 2, 3])
    }

    @Test func ageCountsFromTheRecoveryPointNotFromWhenTheBackupWasMade() async throws {
        let sets = try await nights([1000])
        try await sets[0].prove(at: .at("2026-12-01"), in: store)
        try await time.sleep(for: .seconds(93_600 - 3600))
        let atTheLimit = troubles(try await check())
        #expect(atTheLimit == [])
        try await time.sleep(for: .seconds(60))
        #expect(troubles(try await check()) == ["CRITICAL: the newest backup restores to 26h1min ago; it may be 26h"])
        #expect(
            troubles(try await check(CheckLimits(every: .seconds(43_000)))) == [
                "WARNING: the newest backup restores to 26h1min ago, and one is taken every 11h56min40s"
            ])
    }

    @Test func sizesOutOfLineAreNoticed() async throws {
        let sets = try await nights([90, 1000, 1000, 1200, 4])
        try await sets[1].prove(at: .at("2026-12-01"), in: store)
        #expect(
            troubles(try await check()) == [
                "CRITICAL: it has 90 B, less than 100 B, which is implausible",
                "WARNING: it has 90 B, and those before it had about 1000 B; a change of 50% is expected at most",
            ])
    }

    @Test func aMissingOrShortPartOfTheNewestIsCriticalThoughAnOlderOneIsFresh() async throws {
        let sets = try await nights([1000, 1000])
        try await sets[1].prove(at: .at("2026-12-01"), in: store)
        store.truncate("\(sets[0].path)/app-db/dump/rows", to: 999)
        let report = try await check()
        #expect(
            troubles(report) == [
                "CRITICAL: the backup in set 20261201T020000Z-aaaaaa is damaged: dump/rows has 999 bytes instead of 1000"
            ])
        #expect(report.items[0].backup?.set == sets[1].set)
        store["\(sets[0].path)/app-db/dump/rows"] = nil
        #expect(troubles(try await check()) == ["CRITICAL: the backup in set 20261201T020000Z-aaaaaa is damaged: dump/rows is missing"])
        store["\(sets[0].path)/set.json"] = Array("{}".utf8)
        #expect(
            troubles(try await check()).first?.hasPrefix(
                "CRITICAL: set 20261201T020000Z-aaaaaa is damaged: nightly/20261201T020000Z-aaaaaa/set.json cannot be read as JSON")
                == true)
    }

    @Test func aTargetThatCouldNotBeCapturedIsToldOfItself() async throws {
        for (day, targets) in [("2026-12-01", ["a": [1], "b": nil]), ("2026-11-30", ["a": [1], "b": [1]])] as [(String, [String: [UInt8]?])]
        {
            var set = WrittenSet(.at(day))
            set.targets = targets
            try await set.write(to: store)
        }
        let report = try await check(CheckLimits(maxAge: .seconds(93_600)), targets: ["a", "b"])
        #expect(report.items.map(\.state) == [.ok, .warning])
        #expect(troubles(report) == ["WARNING: the backup in set 20261201T020000Z-aaaaaa cannot be used: it could not be captured"])
        #expect(report.items[1].ageSeconds == 90_000)
    }

    @Test func proofsGrowOldAndDieWithTheirBackup() async throws {
        let sets = try await nights([1000, 1000])
        #expect(troubles(try await check()) == [], "a policy that has just begun still has its time")
        try await sets[1].prove(at: .at("2026-10-20"), in: store)
        #expect(troubles(try await check()) == ["WARNING: proven 42d1h ago by drill monthly; a proof is due every 35d"])
        try await sets[0].prove(at: .at("2026-11-30"), in: store)
        #expect(troubles(try await check()) == [])
        store["\(sets[0].path)/app-db/manifest.json"]?.append(32)
        #expect(try await check().items[0].provenAt == .at("2026-10-20"), "the proof speaks of another manifest")
        var ancient = WrittenSet(.at("2026-01-01"))
        ancient.targets = ["app-db": Array(repeating: 7, count: 1000)]
        try await ancient.write(to: store)
        for key in store.keys where key.contains("-proof-") { store[key] = nil }
        #expect(troubles(try await check()).contains("WARNING: no backup that is still there was proven by a drill; one is due every 35d"))
    }

    @Test func gapsAndUnfinishedSetsAreNoticed() async throws {
        let sets = try await nights([1000])
        try await sets[0].prove(at: .at("2026-12-01"), in: store)
        var earlier = WrittenSet(.at("2026-11-28T01:00:00"))
        earlier.targets = ["app-db": Array(repeating: 7, count: 1000)]
        try await earlier.write(to: store)
        #expect(
            troubles(try await check()) == [
                "WARNING: no backup between 2026-11-28T01:00:00.000Z and 2026-12-01T02:00:00.000Z, 3d1h, and one is taken every 24h"
            ])
        let begun = WrittenSet(.at("2026-12-01T02:30:00"))
        try await begun.write(to: store, expires: .at("2026-12-01T02:59:00"), untilEnd: false)
        #expect(troubles(try await check())[0] == "WARNING: set 20261201T023000Z-aaaaaa was begun and never finished")
    }

    @Test func aSetFromTheFutureDoesNotMakeTheOthersFresh() async throws {
        _ = try await nights([1000])
        try await WrittenSet(.at("2031-01-01")).write(to: store)
        let report = try await check()
        #expect(report.items[0].ageSeconds == 3600)
        #expect(
            troubles(report) == [
                "WARNING: set 20310101T020000Z-aaaaaa is dated 2031-01-01T02:00:00.000Z, which lies in the future; compare the clocks of its host and this one"
            ])
    }

    @Test func whatIsMarkedForDeletionIsNotTheNewest() async throws {
        let sets = try await nights([1000, 1000])
        try await SetMarks(store: store, digests: TestDigests(), time: time, host: "test").delete(
            "nightly", sets[0].set, force: true, by: "ann")
        #expect(try await check().items[0].backup?.set == sets[1].set)
    }

    @Test func aStoreThatDoesNotAnswerIsUnknown() async throws {
        let report = try await check(in: FaultyStore(store, failingCall: 1))
        #expect(report.state == .unknown)
        #expect(report.items.map(\.findings) == [[CheckFinding(state: .unknown, about: .store, words: "store 'main' does not answer")]])
    }

    /// No matter how many backups there are: the policy is listed once, and a handful of small files is read.
    @Test func tenThousandSetsCostNoMoreThanTen() async throws {
        let end = SetEnd(
            policy: "nightly", set: "", members: [], recoveryPoint: .at("2026-01-01"), spreadSeconds: 0, complete: true,
            finishedAt: .at("2026-01-01"))
        let bytes = try CanonicalJSON.encode(end)
        for n in 0..<9_990 { store["nightly/2025\(1000 + n % 9000)T\(100_000 + n)Z-aaaaaa/set.json"] = bytes }
        let sets = try await nights(Array(repeating: 1000, count: 10))
        try await sets[9].prove(at: .at("2026-11-25"), in: store)
        let counting = CountingStore(store)
        let report = try await check(in: counting)
        #expect(report.state == .ok)
        #expect(report.items[0].sets == 10_000)
        #expect(counting.asked.count { $0 == "list nightly" } == 1)
        #expect(counting.asked.count <= 32, "\(counting.asked)")
    }

    @Test func readsNothingOfTheBackupsThemselves() async throws {
        _ = try await nights([1000])
        let counting = CountingStore(store)
        _ = try await check(in: counting)
        #expect(!counting.asked.contains { $0.hasPrefix("open ") && $0.hasSuffix("dump/rows") })
    }
}
