/// One process of ours, told apart from all others: what temporary folders and servers are marked with, so that those of dead
/// owners can be removed.
package struct Owner: Sendable, Hashable, Codable {
    package let host: String
    package let pid: Int32
    /// When the process began, in the kernel's own count, since numbers of processes come again.
    package let processStart: UInt64

    package init(host: String, pid: Int32, processStart: UInt64) {
        self.host = host
        self.pid = pid
        self.processStart = processStart
    }

    package init(_ facts: HostFacts) { self.init(host: facts.host, pid: facts.pid, processStart: facts.processStart) }

    /// `db1.internal+4711+8823121`, safe in file names. Characters that host names do not have become `_`.
    package var text: String { "\(safeHost)+\(pid)+\(processStart)" }

    private var safeHost: String {
        String(host.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "_" })
    }

    /// Whether its process is surely gone. Of other hosts we cannot tell: their processes count as alive.
    package func isDead(seenFrom ours: Owner, isAlive: (_ pid: Int32, _ start: UInt64) -> Bool) -> Bool {
        safeHost == ours.safeHost && !isAlive(pid, processStart)
    }

    /// Reads `text`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count == 3, let pid = Int32(parts[1]), pid > 0, let processStart = UInt64(parts[2]) else { return nil }
        self.init(host: String(parts[0]), pid: pid, processStart: processStart)
    }
}
