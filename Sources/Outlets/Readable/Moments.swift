import Recovery

extension Readable {
    /// `2026-12-01 02:00:00 UTC`.
    package static func moment(_ time: Timestamp) -> String {
        let (day, clock) = parts(of: time)
        return "\(day) \(clock) UTC"
    }

    /// `Tuesday 1 December 2026, 02:00:00 UTC`: for readers who do not live in these numbers.
    package static func longMoment(_ time: Timestamp) -> String {
        let (day, clock) = parts(of: time)
        let numbers = day.split(separator: "-").compactMap { Int($0) }
        guard numbers.count == 3, (1...12).contains(numbers[1]) else { return moment(time) }
        return "\(weekday(time)) \(numbers[2]) \(months[numbers[1] - 1]) \(numbers[0]), \(clock) UTC"
    }

    private static func parts(of time: Timestamp) -> (day: Substring, clock: Substring) {
        let pieces = time.text.split(separator: "T", maxSplits: 1)
        guard pieces.count == 2 else { return (Substring(time.text), "") }
        return (pieces[0], pieces[1].prefix(8))
    }

    private static func weekday(_ time: Timestamp) -> String {
        let dayMilliseconds: Int64 = 86_400_000
        var days = time.millisecondsSince1970 / dayMilliseconds
        if time.millisecondsSince1970 % dayMilliseconds < 0 { days -= 1 }
        // 1 January 1970 was a Thursday.
        return weekdays[Int(((days % 7) + 7 + 4) % 7)]
    }

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
}
