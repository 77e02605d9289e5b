import Recovery

/// What `check` found, for Nagios, Icinga and everything that reads the output of monitoring plugins: one line with
/// performance data, then one line for every target, worst first. ASCII, and less than 4 KB with everything, since older
/// servers cut the rest off.
package enum NagiosLine {
    package static func render(_ report: CheckReport) -> String {
        let head = "BACKUP \(report.state.rawValue) - \(NagiosText.cut(summary(report), to: 180))"
        let metrics = NagiosMetric.all(of: report.items)
        var data = ""
        var toldOf = 0
        for metric in metrics {
            guard data.utf8.count + metric.text.utf8.count + 1 <= roomForData else { break }
            data += (data.isEmpty ? "" : " ") + metric.text
            toldOf += 1
        }
        var text = head + (data.isEmpty ? "" : " | \(data)")
        text += longLines(report, leftOut: metrics.count - toldOf, room: room - text.utf8.count)
        return text + "\n"
    }

    /// For a check that could not be made at all, a mistyped command included.
    package static func render(_ failure: Failure) -> String {
        "BACKUP \(CheckState.unknown.rawValue) - \(NagiosText.cut(([failure.problem] + failure.causes).joined(separator: "; "), to: 800))\n"
    }

    private static let room = 4000
    private static let roomForData = 2400

    private static func summary(_ report: CheckReport) -> String {
        guard let worst = report.items.first(where: { $0.state == report.state }) else { return "no policy to check" }
        let name = "\(worst.policy)/\(worst.target)"
        if report.state == .ok {
            if report.items.count == 1 { return "\(name) \(worst.summary)" }
            let oldest = report.items.max { ($0.ageSeconds ?? 0) < ($1.ageSeconds ?? 0) } ?? worst
            return "\(report.items.count) backups as expected, the oldest is \(oldest.policy)/\(oldest.target), \(oldest.summary)"
        }
        let words = worst.findings.first { $0.state == report.state }?.words ?? worst.summary
        let many = report.items.count(where: { $0.state == report.state })
        return (report.items.count > 1 ? "\(many) of \(report.items.count): " : "") + "\(name): \(words)"
    }

    private static func longLines(_ report: CheckReport, leftOut: Int, room: Int) -> String {
        var lines = ""
        var left = room
        // Room for the line that says what is not shown.
        let reserve = 120
        let sorted = CheckState.worstFirst.flatMap { state in report.items.filter { $0.state == state } }
        var shown = 0
        for item in sorted {
            let reasons = item.findings.filter { $0.state != .ok }.map(\.words)
            let words = "\(item.state.rawValue) \(item.policy)/\(item.target): \(([item.summary] + reasons).joined(separator: "; "))"
            let line = "\n" + NagiosText.cut(words, to: 400)
            guard line.utf8.count <= left - reserve else { break }
            lines += line
            left -= line.utf8.count
            shown += 1
        }
        if shown < sorted.count { lines += "\n... and \(sorted.count - shown) more" }
        if leftOut > 0 { lines += "\n... performance data: \(leftOut) more values do not fit" }
        return lines
    }
}

extension CheckState {
    fileprivate static let worstFirst: [CheckState] = [.critical, .warning, .unknown, .ok]
}
