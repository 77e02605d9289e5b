import Bindings
import Outlets
import Recovery

/// One line per event on standard error: readable in a terminal and in the mail that cron sends alike. What happens within a
/// step is told only where somebody watches.
struct TerminalProgress: Progress {
    let style: TerminalStyle
    let isQuiet: Bool
    let isWatched: Bool

    func say(_ line: ProgressLine) {
        switch line {
        case .heading(let title): write(TerminalText(title).styled(.bold, style))
        case .stepStarted(let path, let name, let attempt):
            guard isWatched || attempt > 1 else { return }
            write("  \(path)  \(name)\(attempt > 1 ? " (attempt \(attempt))" : "") …")
        case .stepEnded(let path, let name, let status, let seconds, let summary):
            let words = TerminalText(status.words).styled(status.look, style)
            let tail: TerminalText = summary.isEmpty ? "" : "  \(summary)"
            let title: TerminalText = isWatched ? "" : "  \(name)"
            write("  \(path)  " + words + "  \(Readable.duration(seconds))" + title + tail)
        case .detail(let text): if isWatched { write(TerminalText("       \(text)").styled(.faint, style)) }
        case .warning(let text): write(TerminalText("warning: \(text)").styled(.doubtful, style), always: true)
        }
    }

    private func write(_ text: TerminalText, always: Bool = false) {
        guard always || !isQuiet else { return }
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
