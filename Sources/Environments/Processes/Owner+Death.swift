import Bindings
import Recovery

extension Owner {
    /// Whether its process is surely gone. Of other hosts we cannot tell: their processes count as alive.
    func isDead(seenFrom ours: Owner) -> Bool { host == ours.host && !processIsAlive(pid: pid, startTime: processStart) }
}
