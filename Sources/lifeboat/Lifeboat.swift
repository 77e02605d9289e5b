import Bindings
import Documents
import Glibc
import Outlets
import Recovery

/// Arguments in, exit code out.
@main
struct Lifeboat {
    static func main() async {
        ThisProcess.prepare()
        let interruption = Interruption()
        let signals = SignalStream()
        let listener = Task {
            for await number in signals.signals {
                // A terminal that is gone is no reason to leave a recovery half done and unfinished: it is stopped like by SIGTERM.
                interruption.arrive(number == SIGINT ? .interrupt : .terminate)
                heed(interruption)
            }
        }
        let code = await CommandLine.run(
            Array(Swift.CommandLine.arguments.dropFirst()), environment: ThisProcess.environment, interruption: interruption)
        listener.cancel()
        if let signal = interruption.signal, code == 128 + signal.rawValue {
            // So that a shell or supervisor sees that the signal ended us.
            ThisProcess.endBy(signal: signal.rawValue)
        }
        exit(code)
    }

    /// How long clean-up may go on after a second signal. Then it is left to `resume` and `sweep`, as after a crash.
    private static let patience = Duration.seconds(5)

    private static func heed(_ interruption: Interruption) {
        guard let signal = interruption.signal else { return }
        switch interruption.count {
        case 1: say("stopping: what was begun is ended, and `always` runs; once more cuts that short")
        case 2:
            say("stopping at once")
            Task {
                try? await Task.sleep(for: patience)
                ThisProcess.endBy(signal: signal.rawValue)
            }
        default: ThisProcess.endBy(signal: signal.rawValue)
        }
    }

    private static func say(_ words: String) {
        // The terminal may be what has gone.
        try? StandardStream.errors.write("lifeboat: \(words)\n")
    }
}
