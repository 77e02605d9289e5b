import Glibc

/// How a process ended.
package enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }

    /// By a signal that leaves a process no choice: somebody, or the kernel for want of memory.
    package var isKilled: Bool { self == .signalled(SIGKILL) }

    /// As in `exited with status 1` and `was ended by signal 15 (Terminated)`.
    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .signalled(let signal): "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
