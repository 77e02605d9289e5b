/// Run time out of journal lines: monotonic within a process's life, and the gaps between lives left out.
struct RunClock {
    /// Offsets in seconds from the start of the run, by line, without gaps.
    private(set) var offsets: [Int: Double] = [:]
    private(set) var interruptions: [RunResult.Interruption] = []
    private(set) var total = 0.0

    init(_ lines: [JournalLine]) {
        guard var previous = lines.first else { return }
        offsets[previous.seq] = 0
        for line in lines.dropFirst() {
            if case .runResumed = line.event {
                interruptions.append(RunResult.Interruption(from: previous.at, to: line.at))
            } else if line.boot == previous.boot {
                total += max(0, line.uptime - previous.uptime)
            } else {
                total += max(0, line.at.seconds(since: previous.at))
            }
            offsets[line.seq] = total
            previous = line
        }
    }
}
