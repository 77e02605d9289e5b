import FoundationEssentials

/// A span of the calendar, for what is kept: `y m w d h`, as in `2y5m7d3h`. Here `m` is a month; months and years differ in length.
package struct CalendarPeriod: ScalarValue, Hashable {
    package let years: Int
    package let months: Int
    package let weeks: Int
    package let days: Int
    package let hours: Int

    package init(years: Int = 0, months: Int = 0, weeks: Int = 0, days: Int = 0, hours: Int = 0) {
        self.years = years
        self.months = months
        self.weeks = weeks
        self.days = days
        self.hours = hours
    }

    package init(scalar text: String) throws(Mistake) {
        guard let amounts = try UnitText.amounts(in: text, units: ["y", "m", "w", "d", "h"]) else {
            let hint =
                text.hasSuffix("min") || text.hasSuffix("s")
                ? "what is kept is counted in hours at the least" : "y, m, w, d and h in this order, as in 2y5m7d3h; m is a month"
            throw Mistake("\(text.quoted) is not a period", hint: hint)
        }
        let amount = Dictionary(uniqueKeysWithValues: amounts.map { ($0.unit, $0.amount) })
        // Far beyond any backup, and small enough for every sum below.
        guard amounts.allSatisfy({ $0.amount <= 100_000 }), amount["y", default: 0] <= 1000 else {
            throw Mistake("\(text.quoted) is too long a period")
        }
        self.init(
            years: amount["y", default: 0], months: amount["m", default: 0], weeks: amount["w", default: 0], days: amount["d", default: 0],
            hours: amount["h", default: 0])
    }

    package static var form: String { "a period" }
    package static var placeholder: CalendarPeriod { CalendarPeriod(days: 1) }
    package static var scalarSchema: JSONSchema { .string(pattern: "^(?=.)([0-9]+y)?([0-9]+m)?([0-9]+w)?([0-9]+d)?([0-9]+h)?$") }

    package var isZero: Bool { years == 0 && months == 0 && weeks == 0 && days == 0 && hours == 0 }

    package var canonical: String {
        let parts = [(years, "y"), (months, "m"), (weeks, "w"), (days, "d"), (hours, "h")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "0h" : parts.joined()
    }

    /// The instant this period before another, in UTC. A day that the earlier month does not have becomes its last: a month before
    /// 31 March is 28 or 29 February.
    package func before(_ date: Date) -> Date {
        let seconds = date.timeIntervalSince1970
        let day = Int((seconds / 86_400).rounded(.down))
        let time = seconds - Double(day) * 86_400
        let civil = CalendarDate(daysSince1970: day)
        let month = civil.year * 12 + civil.month - 1 - years * 12 - months
        let year = month >= 0 ? month / 12 : (month - 11) / 12
        let first = CalendarDate.clamped(year: year, month: month - year * 12 + 1, day: civil.day)
        return Date(timeIntervalSince1970: Double(first.daysSince1970 - weeks * 7 - days) * 86_400 + time - Double(hours) * 3600)
    }
}
