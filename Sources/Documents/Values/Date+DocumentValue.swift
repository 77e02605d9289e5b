import FoundationEssentials

/// An instant in RFC 3339, with its offset: `2026-11-01T12:00:00Z`, `2026-11-01T13:00:00.25+01:00`. Written back in UTC.
extension Date: ScalarValue {
    package static var form: String { "a time" }
    package static var placeholder: Date { Date(timeIntervalSince1970: 946_684_800) }
    package static var scalarSchema: JSONSchema {
        .string(pattern: #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"#)
    }

    package init(scalar text: String) throws(Mistake) {
        let pattern = /([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,9})?)(?:Z|([+\-])([0-9]{2}):([0-9]{2}))/
        guard let match = text.wholeMatch(of: pattern), let hour = Int(match.output.2), let minute = Int(match.output.3),
            let second = Double(match.output.4)
        else {
            let hint = "write date, time and offset, as in 2026-11-01T12:00:00Z or 2026-11-01T13:00:00+01:00"
            throw Mistake("\(text.quoted) is not a time", hint: hint)
        }
        let day = try CalendarDate(scalar: String(match.output.1))
        let offset = (match.output.6.flatMap { Int($0) } ?? 0, match.output.7.flatMap { Int($0) } ?? 0)
        guard hour < 24, minute < 60, second < 60, offset.0 < 24, offset.1 < 60 else {
            throw Mistake("there is no such time as \(text.quoted)")
        }
        let shift = (offset.0 * 60 + offset.1) * 60 * (match.output.5 == "-" ? -1 : 1)
        self.init(timeIntervalSince1970: Double(day.daysSince1970 * 86_400 + hour * 3600 + minute * 60 - shift) + second)
    }

    /// In UTC, to the millisecond.
    package var canonical: String {
        let milliseconds = Int((timeIntervalSince1970 * 1000).rounded())
        let day = Int((Double(milliseconds) / 86_400_000).rounded(.down))
        let rest = milliseconds - day * 86_400_000
        func digits(_ number: Int, _ count: Int = 2) -> String {
            String(repeating: "0", count: max(0, count - String(number).count)) + String(number)
        }
        let fraction = rest % 1000 == 0 ? "" : "." + digits(rest % 1000, 3)
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { digits($0) }.joined(separator: ":")
        return "\(CalendarDate(daysSince1970: day).canonical)T\(time)\(fraction)Z"
    }
}
