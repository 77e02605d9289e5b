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
            for await number in signals.signals { interruption.arrive(number == 2 ? .interrupt : .terminate) }
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
}
