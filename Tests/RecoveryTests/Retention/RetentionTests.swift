import Bindings
import Documents
import Recovery
import TestSupport
import Testing

/// Rules in, decisions out. What is kept is told by the day or time of the set.
@Suite struct RetentionTests {
    private static func set(_ time: String, whole: Set<String> = ["db"]) -> SetStanding {
        let point = Timestamp.at(time)
        var set = SetStanding(policy: "nightly", set: "\(point.compact)-aaaaaa")
        set.recoveryPoint = point
        set.whole = whole
        return set
    }

    private static let later = Timestamp.at("2030-01-01")

    /// Reasons by the time that each set was given as.
    private func kept(_ times: [String], by rules: KeepRules, now: Timestamp = later) -> [String: [String]] {
        let sets = times.map { Self.set($0) }
        let decisions = Retention(rules).decide(sets, now: now)
        return Dictionary(
            uniqueKeysWithValues: zip(times, sets).map { time, set in (time, decisions.first { $0.set == set.set }?.keptBecause ?? ["?"]) })
    }

    private func keptTimes(_ times: [String], by rules: KeepRules) -> [String] {
        kept(times, by: rules).filter { !$0.value.isEmpty }.keys.sorted()
    }

    @Test func eachKeptSetListsItsReasonsNewestFirst() {
        let sets = ["2026-11-20", "2026-11-22", "2026-11-21"].map { Self.set($0) }
        let decisions = Retention(KeepRules(within: CalendarPeriod(days: 2))).decide(sets, now: Self.later)
        #expect(decisions.map(\.set) == ["20261122T020000Z-aaaaaa", "20261121T020000Z-aaaaaa", "20261120T020000Z-aaaaaa"])
        #expect(decisions.map(\.keptBecause) == [["newest", "within 2 days"], ["within 2 days"], []])
        #expect(decisions.map(\.otherwise) == ["no rule keeps it", "no rule keeps it", "no rule keeps it"])
    }

    @Test func lastCountsSets() {
        #expect(
            kept(["2026-11-01", "2026-11-02T02:00:00", "2026-11-02T03:00:00"], by: KeepRules(last: 2)) == [
                "2026-11-02T03:00:00": ["newest", "one of the last 2"], "2026-11-02T02:00:00": ["one of the last 2"], "2026-11-01": [],
            ])
    }

    @Test func aDayKeepsItsNewestSet() {
        #expect(
            kept(
                ["2026-11-20T23:59:59", "2026-11-20T00:00:00", "2026-11-19T23:59:59", "2026-11-19T12:00:00", "2026-11-12T12:00:00"],
                by: KeepRules(daily: CalendarPeriod(days: 7))) == [
                    "2026-11-20T23:59:59": ["newest", "daily within 7 days"], "2026-11-20T00:00:00": [],
                    "2026-11-19T23:59:59": ["daily within 7 days"], "2026-11-19T12:00:00": [], "2026-11-12T12:00:00": [],
                ])
    }

    @Test func weeksBeginOnMondayAlsoOverTheTurnOfTheYear() {
        // Monday 28 December 2026 to Sunday 3 January 2027 is one week; Monday the 4th begins the next.
        #expect(
            keptTimes(
                ["2026-12-27", "2026-12-28", "2026-12-31", "2027-01-03", "2027-01-04", "2027-01-05"],
                by: KeepRules(weekly: CalendarPeriod(months: 1))) == ["2026-12-27", "2027-01-03", "2027-01-05"])
    }

    @Test func monthsAndYearsAreThoseOfTheCalendarLeapDaysIncluded() {
        let times = ["2024-02-28", "2024-02-29", "2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01"]
        #expect(
            kept(times, by: KeepRules(monthly: CalendarPeriod(years: 2))) == [
                "2025-02-01": ["newest", "monthly within 2 years"], "2025-01-31": ["monthly within 2 years"], "2025-01-01": [],
                "2024-12-31": ["monthly within 2 years"], "2024-02-29": ["monthly within 2 years"],
                "2024-02-28": ["oldest monthly within 2 years"],
            ])
        #expect(keptTimes(times, by: KeepRules(yearly: CalendarPeriod(years: 9))) == ["2024-02-28", "2024-12-31", "2025-02-01"])
    }

    @Test(arguments: [
        // A month before 31 March begins on the last day of February, at the same time of day.
        ("2027-03-31T02:00:00", "2027-02-28T02:00:01", "2027-02-28T02:00:00"),
        ("2028-03-31T02:00:00", "2028-02-29T02:00:01", "2028-02-29T02:00:00"),
        ("2026-07-31T02:00:00", "2026-06-30T02:00:01", "2026-06-30T02:00:00"),
        ("2027-01-31T02:00:00", "2026-12-31T02:00:01", "2026-12-31T02:00:00"),
    ]) func aMonthBeforeTheEndOfAMonth(newest: String, inside: String, outside: String) {
        #expect(keptTimes([newest, inside, outside], by: KeepRules(within: CalendarPeriod(months: 1))) == [inside, newest])
    }

    @Test func hoursAreThoseOfUTCWhenClocksInEuropeAreSetBack() {
        // At 01:00 UTC on that day 03:00 becomes 02:00 in Berlin: two hours of one name, and two sets.
        let times = ["2026-10-24T23:30:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-10-25T02:30:00"]
        #expect(keptTimes(times, by: KeepRules(hourly: CalendarPeriod(days: 1))) == times)
    }

    @Test func rulesCountFromTheNewestSetSoThatAStoppedBackupLosesNothing() {
        let times = ["2026-11-20", "2026-11-19", "2026-11-01"]
        let rules = KeepRules(within: CalendarPeriod(days: 3))
        #expect(kept(times, by: rules, now: .at("2026-11-20T03:00:00")) == kept(times, by: rules, now: .at("2029-11-20")))
    }

    @Test func setsFromTheFutureStayAndPushNothingOut() {
        #expect(
            kept(["2031-01-01", "2026-11-20", "2026-11-19"], by: KeepRules(last: 1)) == [
                "2031-01-01": ["dated in the future: 2031-01-01T02:00:00.000Z"], "2026-11-20": ["newest", "the last one"], "2026-11-19": [],
            ])
    }

    /// A schedule that thins out: days for a week, weeks for a month, months for a year, years for good; held against a
    /// second, slower reading of the same rules.
    @Test func aThinningScheduleKeepsTheNewestOfEverySpan() throws {
        let newest = Timestamp.at("2027-03-31T12:00:00")
        let times = (0..<1200).map { newest.advanced(bySeconds: Double($0) * -19 * 3600).text }
        let rules = KeepRules(
            daily: CalendarPeriod(days: 7), weekly: CalendarPeriod(months: 1), monthly: CalendarPeriod(years: 1),
            yearly: CalendarPeriod(years: 75))
        var expected: Set<String> = [times[0], times[times.count - 1]]
        // RFC 3339 texts sort by time, and their beginnings are days, months and years.
        func newestOfEach(_ length: Int, after start: String) {
            for group in Dictionary(grouping: times.filter { $0 > start }, by: { $0.prefix(length) }).values {
                expected.formUnion(group.max().map { [$0] } ?? [])
            }
        }
        newestOfEach(10, after: "2027-03-24T12:00:00.000Z")
        newestOfEach(7, after: "2026-03-31T12:00:00.000Z")
        newestOfEach(4, after: "1952")
        let mondays = ["2027-02-22", "2027-03-01", "2027-03-08", "2027-03-15", "2027-03-22", "2027-03-29", "2027-04-05"]
        for (monday, next) in zip(mondays, mondays.dropFirst()) {
            expected.formUnion(times.filter { $0 > "2027-02-28T12:00:00.000Z" && $0 >= monday && $0 < next }.max().map { [$0] } ?? [])
        }
        #expect(keptTimes(times, by: rules) == expected.sorted())
    }

    @Test func aTargetWhoseCapturesFailKeepsItsLastGoodBackups() {
        let sets = [
            Self.set("2026-11-20", whole: ["a"]), Self.set("2026-11-19", whole: ["a"]), Self.set("2026-11-18", whole: ["a", "b"]),
            Self.set("2026-11-17", whole: ["a", "b"]),
        ]
        #expect(
            Retention(KeepRules(last: 1)).decide(sets, now: Self.later).map(\.keptBecause) == [
                ["newest", "the last one"], [], ["newest (b)", "the last one (b)"], [],
            ])
    }

    @Test func aSetWithoutAWholeBackupStaysUntilANewerOneHasOne() {
        let sets = [Self.set("2026-11-20", whole: []), Self.set("2026-11-19"), Self.set("2026-11-18", whole: [])]
        let decisions = Retention(KeepRules(last: 1)).decide(sets, now: Self.later)
        #expect(decisions.map(\.keptBecause) == [["no newer set holds a whole backup"], ["newest", "the last one"], []])
    }

    @Test func theLastProvenBackupOfEveryTargetStays() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17"].map { Self.set($0, whole: ["a", "b"]) }
        sets[1].proofs = [.init(target: "a", at: .at("2026-11-19T05:00:00"), by: "drill weekly")]
        sets[2].proofs = [
            .init(target: "a", at: .at("2026-12-01"), by: "drill monthly"), .init(target: "b", at: .at("2026-12-01"), by: "drill monthly"),
        ]
        sets[3].proofs = sets[2].proofs
        #expect(
            Retention(KeepRules(last: 1)).decide(sets, now: Self.later).map(\.keptBecause) == [
                ["newest", "the last one"], ["proven by drill weekly on 2026-11-19 (a)"], ["proven by drill monthly on 2026-12-01 (b)"], [],
            ])
        #expect(
            Retention(KeepRules(last: 1, proven: 2)).decide(sets, now: Self.later).map(\.isKept) == [true, true, true, true])
    }

    @Test func pinsHoldsAndUnfinishedBackupsStay() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17", "2026-11-16"].map { Self.set($0) }
        sets[1].pins = ["before the migration"]
        sets[2].claims = [.init(.hold, run: "20261201T020000Z-monthly-abc", until: .at("2030-01-01T02:00:01"))]
        sets[3].claims = [.init(.hold, run: "old", until: .at("2030-01-01T02:00:00"))]
        sets[4].recoveryPoint = nil
        sets[4].claims = [.init(.writing, until: .at("2030-01-02"))]
        let decisions = Retention(KeepRules(last: 1)).decide(sets, now: Self.later)
        #expect(
            decisions.map(\.keptBecause) == [
                ["newest", "the last one"], ["pinned: before the migration"],
                ["in use until 2030-01-01T02:00:01.000Z by run 20261201T020000Z-monthly-abc"], [],
                ["being written, until 2030-01-02T02:00:00.000Z at the latest"],
            ])
        sets[4].claims = [.init(.writing, until: .at("2029-01-01"))]
        let abandoned = Retention(KeepRules(last: 1)).decide(sets, now: Self.later).last
        #expect(abandoned?.isKept == false)
        #expect(abandoned?.otherwise == "it was never finished, and its time is over")
    }

    @Test func whatOthersNeedStaysAndWhatThoseNeedInTurn() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17"].map { Self.set($0) }
        sets[0].references = ["\(sets[1].path)/db/dump/1"]
        sets[1].references = ["\(sets[3].path)/db/dump/1"]
        #expect(
            Retention(KeepRules(last: 1)).decide(sets, now: Self.later).map(\.keptBecause) == [
                ["newest", "the last one"], ["\(sets[0].path) needs parts of it"], [], ["\(sets[1].path) needs parts of it"],
            ])
    }

    @Test func referencesOfWhatGoesKeepNothing() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18"].map { Self.set($0) }
        sets[1].references = ["\(sets[2].path)/db/dump/1"]
        #expect(Retention(KeepRules(last: 1)).decide(sets, now: Self.later).map(\.isKept) == [true, false, false])
        var elsewhere = SetStanding(policy: "weekly", set: "20261119T020000Z-bbbbbb")
        elsewhere.references = ["\(sets[2].path)/db/dump/1"]
        #expect(
            Retention(KeepRules(last: 1)).decide(sets, elsewhere: [elsewhere], now: Self.later).last?.keptBecause == [
                "weekly/20261119T020000Z-bbbbbb needs parts of it"
            ])
    }

    @Test func aManifestThatCannotBeReadKeepsWhatItMayPointTo() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18"].map { Self.set($0) }
        sets[1].whole = []
        sets[1].unreadable = ["nightly/x/db/manifest.json is not a manifest: it cannot be read as JSON"]
        sets[1].hidesReferences = true
        #expect(
            Retention(KeepRules(last: 1)).decide(sets, now: Self.later).map(\.keptBecause) == [
                ["newest", "the last one"], ["nightly/x/db/manifest.json is not a manifest: it cannot be read as JSON"],
                ["\(sets[1].path) may need parts of it, and cannot be read"],
            ])
    }

    @Test func whatIsDeletedByHandGoesButNotUnderARun() {
        var sets = ["2026-11-20", "2026-11-19"].map { Self.set($0) }
        sets[0].pins = ["pinned once"]
        sets[0].marks = [.init(key: "k", at: .at("2029-12-31"), byHand: true, text: "deleted by hand by ann")]
        let decisions = Retention(KeepRules(last: 1)).decide(sets, now: Self.later)
        #expect(decisions.map(\.keptBecause) == [[], ["newest", "the last one"]])
        #expect(decisions[0].otherwise == "deleted by hand by ann")
        sets[0].claims = [.init(.hold, run: "r", until: nil)]
        #expect(Retention(KeepRules(last: 1)).decide(sets, now: Self.later)[0].keptBecause == ["in use without an end by run r"])
    }

    @Test func safetyCopiesLeaveWhenTheirTimeIsOver() {
        var sets = ["2026-11-20", "2026-11-19", "2026-11-18"].map { time in
            var set = SetStanding(policy: "_safety", set: "run-\(time)")
            set.recoveryPoint = .at(time)
            set.whole = ["db"]
            return set
        }
        sets[0].claims = [.init(.hold, run: sets[0].set, until: .at("2030-02-01"))]
        sets[1].claims = [.init(.hold, run: sets[1].set, until: .at("2029-02-01"))]
        let decisions = Retention.decideSafetyCopies(sets, now: Self.later)
        #expect(
            decisions.map(\.keptBecause) == [
                ["safety copy of run run-2026-11-20, until 2030-02-01T02:00:00.000Z"], [],
                ["safety copy that nobody gave an end; `lifeboat backups delete _safety/run-2026-11-18` removes it"],
            ])
        sets[0].marks = [.init(key: "k", at: .at("2029-12-31"), byHand: true, text: "deleted by hand by ann")]
        #expect(Retention.decideSafetyCopies(sets, now: Self.later)[0].isKept == false)
    }
}
