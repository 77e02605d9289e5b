/// One process of ours, told apart from all others: what temporary folders and servers are marked with, so that those of dead
/// owners can be removed.
package struct Owner: Sendable, Hashable, Codable {
    package let host: String
    package let pid: Int32
    /// When the process began, in the kernel's own count, since numbers of processes come again.
    package let processStart: UInt64
    /// Where its number counts, if not on the whole host: the kernel's own number of a container's processes, which share the name of
    /// the host with its network.
    package let namespace: UInt64?

    package init(host: String, pid: Int32, processStart: UInt64, namespace: UInt64? = nil) {
        self.host = host
        self.pid = pid
        self.processStart = processStart
        self.namespace = namespace
    }

    package init(_ facts: HostFacts) {
        self.init(host: facts.host, pid: facts.pid, processStart: facts.processStart, namespace: facts.processNamespace)
    }

    /// `db1.internal+4711+8823121`, of a process in a container `db1.internal+17+8823121+4026532201`; safe in file names. Characters that
    /// host names do not have become `_`.
    package var text: String { "\(safeHost)+\(pid)+\(processStart)" + (namespace.map { "+\($0)" } ?? "") }

    private var safeHost: String {
        String(host.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "_" })
    }

    /// Whether its process is surely gone. Of those that we cannot see we cannot tell: they count as alive.
    package func isDead(seenFrom ours: Owner, isAlive: (_ pid: Int32, _ start: UInt64) -> Bool) -> Bool {
        canBeSeen(from: ours) && !isAlive(pid, processStart)
    }

    /// Whether its number means the same process to us: on our host, and not in another container there. After a restart of the machine
    /// that is still so: numbers and times of its processes begin anew, and what they stood for is gone.
    package func canBeSeen(from ours: Owner) -> Bool { safeHost == ours.safeHost && namespace == ours.namespace }

    /// Reads `text`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), let pid = Int32(parts[1]), pid > 0, let processStart = UInt64(parts[2]) else { return nil }
        let namespace = parts.count == 4 ? UInt64(parts[3]) : nil
        guard parts.count == 3 || namespace != nil else { return nil }
        self.init(host: String(parts[0]), pid: pid, processStart: processStart, namespace: namespace)
    }
}
