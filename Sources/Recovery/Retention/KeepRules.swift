package import Bindings
package import Documents

/// What a policy keeps. Every rule is asked by itself, for every target by itself; what one of them wants is kept.
///
/// `within-*` keep the newest set of every natural hour, day, week (from Monday), month or year, as far back from the newest
/// set as they say: a host whose backups have stopped loses none of them to the passing of time. All in UTC.
package struct KeepRules: DocumentMapping, Equatable {
    package static let fields = Fields(
        Field.maybe("last", as: Int.self, limit: .atLeast(1), "so many of the newest sets"),
        Field.maybe("within", as: CalendarPeriod.self, limit: .positive, "every set of so long before the newest"),
        Field.maybe("within-hourly", as: CalendarPeriod.self, limit: .positive, "the newest set of every hour, so long before the newest"),
        Field.maybe("within-daily", as: CalendarPeriod.self, limit: .positive, "the newest set of every day"),
        Field.maybe("within-weekly", as: CalendarPeriod.self, limit: .positive, "the newest set of every week, from Monday"),
        Field.maybe("within-monthly", as: CalendarPeriod.self, limit: .positive, "the newest set of every month"),
        Field.maybe("within-yearly", as: CalendarPeriod.self, limit: .positive, "the newest set of every year"),
        Field.optional(
            "proven", as: Int.self, default: 1, limit: .atLeast(1),
            "so many of the newest sets that a drill has proven; never fewer than one")
    ).atLeastOne(of: "last", "within", "within-hourly", "within-daily", "within-weekly", "within-monthly", "within-yearly")

    package var last: Int?
    package var within: CalendarPeriod?
    package var withinHourly: CalendarPeriod?
    package var withinDaily: CalendarPeriod?
    package var withinWeekly: CalendarPeriod?
    package var withinMonthly: CalendarPeriod?
    package var withinYearly: CalendarPeriod?
    package var proven = 1

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (last, within, withinHourly, withinDaily, withinWeekly, withinMonthly, withinYearly, proven) = try Self.fields.read(node, reading)
    }

    package init(
        last: Int? = nil, within: CalendarPeriod? = nil, hourly: CalendarPeriod? = nil, daily: CalendarPeriod? = nil,
        weekly: CalendarPeriod? = nil, monthly: CalendarPeriod? = nil, yearly: CalendarPeriod? = nil, proven: Int = 1
    ) {
        self.last = last
        self.within = within
        withinHourly = hourly
        withinDaily = daily
        withinWeekly = weekly
        withinMonthly = monthly
        withinYearly = yearly
        self.proven = max(1, proven)
    }

    /// Rules that would keep nothing of a backup but its proof: nothing is ever removed by them.
    package var isEmpty: Bool { last == nil && within == nil && calendar.isEmpty }

    /// The calendar rules that are set.
    var calendar: [(span: CalendarSpan, within: CalendarPeriod)] {
        [
            (.hourly, withinHourly), (.daily, withinDaily), (.weekly, withinWeekly), (.monthly, withinMonthly), (.yearly, withinYearly),
        ].compactMap { span, period in period.map { (span, $0) } }
    }
}
