internal import Documents

/// The natural spans of the calendar, in UTC: an hour from minute 0, a week from Monday, a month from its first day.
enum CalendarSpan: String {
    case hourly, daily, weekly, monthly, yearly

    /// The same number for all moments of one span, and another for every other span.
    func number(of moment: Timestamp) -> Int {
        let hour = Self.floor(Int(moment.millisecondsSince1970), by: 3_600_000)
        let day = Self.floor(hour, by: 24)
        switch self {
        case .hourly: return hour
        case .daily: return day
        // 1 January 1970 was a Thursday: its week had begun three days before.
        case .weekly: return Self.floor(day + 3, by: 7)
        case .monthly:
            let date = CalendarDate(daysSince1970: day)
            return date.year * 12 + date.month - 1
        case .yearly: return CalendarDate(daysSince1970: day).year
        }
    }

    private static func floor(_ number: Int, by divisor: Int) -> Int { Int((number - ((number % divisor) + divisor) % divisor) / divisor) }
}

extension CalendarPeriod {
    /// `2 days`, `1 year 6 months`.
    var words: String {
        let parts = [(years, "year"), (months, "month"), (weeks, "week"), (days, "day"), (hours, "hour")]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " ")
    }

    func before(_ moment: Timestamp) -> Timestamp { Timestamp(before(moment.date)) }
}
