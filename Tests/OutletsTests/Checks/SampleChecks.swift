import Recovery

/// Findings of `check`, made up.
enum SampleChecks {
    static func fresh(_ policy: String = "nightly", _ target: String = "app-db") -> CheckItem {
        var item = CheckItem(policy: policy, target: target)
        item.backup = BackupID(policy: policy, set: "20261201T020000Z-aaaaaa", target: target)
        item.recoveryPoint = Timestamp("2026-12-01T02:00:00Z")
        item.ageSeconds = 2531
        item.maxAgeSeconds = 93_600
        item.bytes = 904_304_640
        item.minBytes = 1_048_576
        item.likelyBytes = 450_000_000...1_350_000_000
        item.sets = 168
        item.provenAt = Timestamp("2026-11-28T02:00:00Z")
        item.provenAgeSeconds = 259_200
        item.provenWithinSeconds = 3_024_000
        item.note(.ok, .backup, "the newest backup has all its parts at their sizes")
        return item
    }

    static func stale(_ policy: String = "nightly", _ target: String = "vectors") -> CheckItem {
        var item = fresh(policy, target)
        item.ageSeconds = 111_600
        item.note(.critical, .age, "the newest backup restores to 31h ago; it may be 26h")
        item.note(.warning, .schedule, "set 20261202T020000Z-aaaaaa was begun and never finished")
        return item
    }

    static func missing() -> CheckItem {
        var item = CheckItem(policy: "weekly", target: "files")
        item.maxAgeSeconds = 700_000
        item.note(.critical, .backup, "there is no backup in store 'main'")
        return item
    }

    static let moment = Timestamp(millisecondsSince1970: 1_795_000_000_000)
    static func report(_ items: CheckItem...) -> CheckReport { CheckReport(checkedAt: moment, items: items) }
}
