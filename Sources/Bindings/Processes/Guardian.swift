import CSystem
import Glibc
import Synchronization

/// Our end of the small process that every command of ours runs under, and that ends the command when we are gone,
/// however that happened. See guardian.c.
final class Guardian: Sendable {
    /// Of the guardian itself.
    let pid: Int32
    /// Of the command.
    let commandPID: Int32
    private let reports: Int32
    /// Closed when `nil`.
    private let control: Mutex<Int32?>

    /// Forks the guardian and waits until the command runs or could not be started.
    init(
        _ command: Command, input: borrowing Descriptor, output: borrowing Descriptor, errorOutput: borrowing Descriptor,
        stopSignal: Int32, grace: Duration, removing folders: [String]
    ) throws(ProcessError) {
        // A guardian that has finished closes its end of the pipe that orders go through.
        ThisProcess.ignoreBrokenPipes()
        let environment = command.environment.map { "\($0.key)=\($0.value)" }
        let texts = [command.executable, command.workingFolder] + command.arguments + environment + folders
        if texts.contains(where: { $0.utf8.contains(0) }) {
            throw ProcessError(.unusable, command, "an argument or environment value contains a NUL byte")
        }
        let path = CStrings([command.executable])
        let arguments = CStrings([command.executable] + command.arguments)
        let variables = CStrings(environment)
        let folder = CStrings([command.workingFolder])
        let remover = CStrings(["/bin/rm", "-rf", "--"] + folders)
        let groups = command.runAs?.groups ?? []

        var guardian: pid_t = -1
        var control: Int32 = -1
        var reports: Int32 = -1
        let failure = groups.withUnsafeBufferPointer { groups in
            var description = cs_command()
            description.path = UnsafePointer(path.array[0])
            description.arguments = arguments.constants
            description.environment = variables.constants
            description.folder = UnsafePointer(folder.array[0])
            description.input = input.number
            description.output = output.number
            description.error_output = errorOutput.number
            if let account = command.runAs {
                description.switch_user = 1
                description.uid = account.uid
                description.gid = account.gid
                description.groups = groups.baseAddress
                description.group_count = groups.count
            }
            description.stop_signal = stopSignal
            description.grace_milliseconds = grace.wholeMilliseconds
            description.leave_descendants = command.descendants == .mayOutliveCommand ? 1 : 0
            description.remover = folders.isEmpty ? nil : remover.constants
            return cs_guard(&description, &guardian, &control, &reports)
        }
        guard failure == 0 else { throw ProcessError(command, stage: 0, error: ErrorNumber(failure)) }

        let first = Self.read(from: reports)
        guard let first, first.kind == Int32(CS_REPORT_STARTED.rawValue) else {
            close(control)
            close(reports)
            Self.reap(guardian)
            guard let first else { throw ProcessError(.guardianLost, command, Self.lostWords) }
            throw ProcessError(command, stage: first.stage, error: ErrorNumber(first.error))
        }
        self.pid = guardian
        self.commandPID = first.pid
        self.reports = reports
        self.control = Mutex(control)
    }

    deinit {
        letGo()
        close(reports)
    }

    static let lostWords = "the process that guards it was killed, and it was killed with it"

    /// Readable when there is a report, or the end of them.
    var reportsDescriptor: Int32 { reports }

    /// What happened, or `nil` when the command, its descendants and the folders are gone.
    func nextReport() -> (status: ExitStatus, cpuTime: Duration)? {
        while let report = Self.read(from: reports) {
            guard report.kind == Int32(CS_REPORT_EXITED.rawValue) else { continue }
            let status: ExitStatus = report.signal == 0 ? .exited(report.exit_status) : .signalled(report.signal)
            return (status, .microseconds(report.cpu_microseconds))
        }
        return nil
    }

    /// Sends a signal to the whole group, and SIGKILL after the grace.
    func stop(signal: Int32, grace: Duration) {
        send(cs_order(signal: signal, grace_milliseconds: grace.wholeMilliseconds))
    }

    /// Sends a signal to the whole group, and nothing else.
    func pass(signal: Int32) {
        send(cs_order(signal: signal, grace_milliseconds: -1))
    }

    /// Closes our end: the guardian now does what it does when we die.
    func letGo() {
        control.withLock { control in
            if let open = control { close(open) }
            control = nil
        }
    }

    /// Collects the guardian itself, after the last report.
    func reap() { Self.reap(pid) }

    private func send(_ order: cs_order) {
        control.withLock { control in
            guard let control else { return }
            // An error means that the guardian has finished: then there is nobody left to signal.
            withUnsafeBytes(of: order) { bytes in
                while write(control, bytes.baseAddress, bytes.count) < 0, errno == EINTR {}
            }
        }
    }

    private static func reap(_ pid: Int32) {
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    private static func read(from descriptor: Int32) -> cs_report? {
        var report = cs_report()
        while true {
            let count = withUnsafeMutableBytes(of: &report) { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return count == MemoryLayout<cs_report>.size ? report : nil
        }
    }
}

/// A NULL-terminated list of C strings, as `execve` takes it.
private final class CStrings {
    let array: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    init(_ texts: [String]) {
        array = .allocate(capacity: texts.count + 1)
        for (place, text) in texts.enumerated() { array.initializeElement(at: place, to: strdup(text)) }
        array.initializeElement(at: texts.count, to: nil)
    }

    deinit {
        for text in array { free(text) }
        array.deallocate()
    }

    var constants: UnsafePointer<UnsafeMutablePointer<CChar>?>? { UnsafePointer(array.baseAddress) }
}

extension Duration {
    /// Rounded up, from 0 to what fits into the guardian's messages.
    fileprivate var wholeMilliseconds: Int32 {
        let exact = components.seconds.multipliedReportingOverflow(by: 1000)
        if exact.overflow { return self < .zero ? 0 : Int32.max }
        let rounded = exact.partialValue + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: max(0, rounded))
    }
}
