import Bindings
import Recovery
import Synchronization

/// The ports that our servers and applications listen on. Never gives one out twice while it is held: between looking for a
/// free port and a server's listening on it, the system does not know that it is meant for somebody.
final class Ports: Sendable {
    private let held = Mutex<Set<Int>>([])

    func take() throws -> TakenPort {
        for _ in 1...100 {
            guard let number = (try? Machine.freeLoopbackPort()).map(Int.init) else { break }
            if held.withLock({ $0.insert(number).inserted }) { return TakenPort(number, of: self) }
        }
        throw Failure(
            .environmentUnavailable, "the system has no free port on 127.0.0.1",
            hint: "too many servers or connections are open; see `ss -s`")
    }

    fileprivate func giveBack(_ number: Int) { held.withLock { _ = $0.remove(number) } }
}

/// A port that is ours until nobody holds this any more.
final class TakenPort: Sendable {
    let number: Int
    private let ports: Ports

    fileprivate init(_ number: Int, of ports: Ports) {
        self.number = number
        self.ports = ports
    }

    deinit { ports.giveBack(number) }

    /// Whether somebody listens on it.
    var isInUse: Bool { UInt16(exactly: number).map { !Machine.isLoopbackPortFree($0) } ?? false }
}
