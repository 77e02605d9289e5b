extension Readable {
    /// A measured time: `420 ms`, `4.2 s`, `3 min 12 s`, `2 h 05 min`, `3 d 04 h`. `unknown` for what is not a time.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds.magnitude < 1e13 else { return "unknown" }
        guard seconds >= 0 else { return "-" + duration(-seconds) }
        if seconds == 0 { return "0 s" }
        if seconds < 0.0005 { return "under 1 ms" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 59.95 { return "\(tenths(seconds)) s" }
        let whole = Int64(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        let minutes = Int64((seconds / 60).rounded())
        if minutes < 48 * 60 { return "\(minutes / 60) h \(twoDigits(minutes % 60)) min" }
        let hours = Int64((seconds / 3600).rounded())
        return "\(count(hours / 24)) d \(twoDigits(hours % 24)) h"
    }

    /// A promised time, exactly as much of it as was said: `1 h`, `26 h`, `1 min 30 s`.
    package static func period(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds.magnitude < 1e13 else { return "unknown" }
        guard seconds >= 1, seconds == seconds.rounded() else { return duration(seconds) }
        let whole = Int64(seconds)
        let days = whole >= 172_800 ? whole / 86_400 : 0
        let rest = whole - days * 86_400
        let pieces = [(days, "d"), (rest / 3600, "h"), (rest % 3600 / 60, "min"), (rest % 60, "s")]
        return pieces.filter { $0.0 > 0 }.map { "\(count($0.0)) \($0.1)" }.joined(separator: " ")
    }

    /// How long before (or after) `moment` something was: `3 h 12 min before the drill`.
    package static func age(_ seconds: Double, before moment: String) -> String {
        guard seconds.isFinite else { return "at an unknown time" }
        if seconds.magnitude < 1 { return "at \(moment)" }
        return seconds > 0 ? "\(duration(seconds)) before \(moment)" : "\(duration(-seconds)) after \(moment)"
    }

    static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
