import Glibc

/// The process that we are.
package enum ThisProcess {
    package static var pid: Int32 { getpid() }

    /// In the kernel's ticks since boot: with the pid and the boot id it names a process for ever. 0 if it cannot be read.
    package static var startTime: UInt64 { startTimeOfProcess(getpid()) ?? 0 }

    /// The kernel's own number of the processes among which ours has its number; nil for those of the whole machine. A process in a
    /// container has one, whatever else it shares with the machine.
    package static var namespace: UInt64? {
        var target = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/self/ns/pid", &target, target.count)
        let words = String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let number = UInt64(words.filter { $0.isASCII && $0.isNumber })
        return number == machineNamespace ? nil : number
    }

    /// `PROC_PID_INIT_INO`: the first one has the same number on every Linux.
    private static let machineNamespace: UInt64 = 0xEFFF_FFFC

    /// Memory that is ours alone, now and at its peak, in bytes. The peak includes pages of files (the kernel does not keep
    /// one for anonymous memory).
    package static var memory: (anonymous: Int64, peakResident: Int64) {
        var (anonymous, peak): (Int64, Int64) = (0, 0)
        for line in lines(of: "/proc/self/status") {
            if line.hasPrefix("RssAnon:") { anonymous = kibibytes(in: line) }
            if line.hasPrefix("VmHWM:") { peak = kibibytes(in: line) }
        }
        return (anonymous, peak)
    }

    /// The environment we were started with. What is not UTF-8 is repaired; of a name given twice the first counts, as it
    /// does for `getenv`.
    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                let name = String(text[..<equals])
                if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
            }
            place += 1
        }
        return variables
    }

    /// To be called first in `main`: libarchive cannot handle names without a UTF-8 locale, and a broken pipe or a file that
    /// grows beyond its limit shall be an error and not the end.
    package static func prepare() {
        setlocale(LC_CTYPE, "C.UTF-8")
        ignoreBrokenPipes()
        // Beyond a limit on the size of files a write fails, and says so, instead of ending us.
        signal(SIGXFSZ, SIG_IGN)
    }

    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ends us by that signal, so that whoever started us sees the true reason. Returns only if the signal cannot end us.
    package static func endBy(signal number: Int32) {
        signal(number, SIG_DFL)
        var alone = sigset_t()
        sigemptyset(&alone)
        sigaddset(&alone, number)
        pthread_sigmask(SIG_UNBLOCK, &alone, nil)
        kill(getpid(), number)
    }

    private static func kibibytes(in line: String) -> Int64 {
        let digits = line.filter { $0.isASCII && $0.isNumber }
        return (Int64(digits) ?? 0) * 1024
    }
}

/// Whether the process still runs that had this pid and start time. Others may have got the pid since.
package func processIsAlive(pid: Int32, startTime: UInt64) -> Bool { startTimeOfProcess(pid) == startTime }

/// Start time of a process in ticks since boot, `nil` if there is none (or only its remains, not collected yet).
package func startTimeOfProcess(_ pid: Int32) -> UInt64? {
    guard let line = lines(of: "/proc/\(pid)/stat").first, let nameEnd = line.lastIndex(of: ")") else { return nil }
    // The name in brackets may hold anything, brackets and spaces included; after it come fields 3 and on.
    let fields = line[line.index(after: nameEnd)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return UInt64(fields[19])
}
