import Bindings
import Outlets
import Recovery

/// One line per event on standard error: readable in a terminal and in the mail that cron sends alike.
struct TerminalProgress: Progress {
    let style: TerminalStyle
    let isQuiet: Bool

    func say(_ line: ProgressLine) {
        switch line {
        case .heading(let title): write(TerminalText(title).styled(.bold, style))
        case .stepStarted(let path, let name, let attempt):
            write("  \(path)  \(name)\(attempt > 1 ? " (attempt \(attempt))" : "") …")
        case .stepEnded(let path, _, let status, let seconds, let summary):
            let words = TerminalText(status.words).styled(status.look, style)
            let tail: TerminalText = summary.isEmpty ? "" : "  \(summary)"
            write("  \(path)  " + words + "  \(Readable.duration(seconds))" + tail)
        case .detail(let text): if !isQuiet { write(TerminalText("       \(text)").styled(.faint, style)) }
        case .warning(let text): write(TerminalText("warning: \(text)").styled(.doubtful, style))
        }
    }

    private func write(_ text: TerminalText) {
        guard !isQuiet || text.text.contains("warning") else { return }
        try? StandardStream.errors.write(text.text + "\n")
    }
}

extension StepRecord.Status {
    fileprivate var words: String { self == .notReached ? "not reached" : rawValue }

    fileprivate var look: TerminalStyle.Look {
        switch self {
        case .passed: .good
        case .failed, .broke: .bad
        case .skipped, .paused, .interrupted, .notReached: .doubtful
        }
    }
}
