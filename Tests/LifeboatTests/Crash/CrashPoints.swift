import Recovery
import TestSupport

/// The places in a run at which it is killed, by how many lines its journal holds.
enum CrashPoints {
    /// All of them, where time is no matter.
    static let exhaustive = Soak.isOn

    /// Before the first line, after the last one, and between: every kind of event at least once, and each time something else is up.
    ///
    /// - Parameter every: how many lines lie between two kills, if not all are tried.
    static func chosen(from undisturbed: [JournalLine], every: Int) -> [Int] {
        guard !exhaustive else { return Array(0...undisturbed.count) }
        var seen: Set<String> = []
        return [0]
            + undisturbed.map(\.seq).filter { n in
                let isNew = seen.insert(kind(of: undisturbed[n - 1].event)).inserted
                return isNew || n % every == 0 || n == undisturbed.count
            }
    }

    private static func kind(of event: JournalEvent) -> String { String("\(event)".prefix { $0 != "(" }) }
}
