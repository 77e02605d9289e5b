import CPostgres
import Dispatch
import Glibc
import Synchronization

/// Stops the query that runs on a connection, and can never stop the one after it.
///
/// A cancel request of PostgreSQL names a server process, not a query: one that is under way when its query ends would hit
/// whatever runs next (seen in half of all tries). So requests are sent only between `open` and `close`, and `close` waits
/// until one under way has arrived. A server that does not react within the grace gets its connection cut, which
/// is what frees a thread that blocks in libpq.
final class CancelGate: Sendable {
    enum Reason: Sendable, Equatable {
        case timedOut(after: Duration)
        case cancelled
        /// The one who was given the rows did not want more.
        case unwanted
    }

    /// Names one stay between `open` and `close`.
    struct Pass: Sendable, Equatable { fileprivate let number: Int }

    struct Outcome: Sendable {
        /// Why the query was stopped, if it was.
        let reason: Reason?
        /// Whether the server was told, so that an echo is possible.
        let wasSent: Bool
        /// Whether the connection had to be cut.
        let isCut: Bool
    }

    private struct State {
        var pass = Pass(number: 0)
        var isOpen = false
        var reason: Reason?
        var limit: Duration?
        var isSending = false
        var wasSent = false
        var isWithConsumer = false
        var isCut = false
        /// When the timer means it; an event of an earlier setting comes before.
        var alarm: DispatchTime?

        mutating func begin() {
            pass = Pass(number: pass.number + 1)
            isOpen = true
            reason = nil
            limit = nil
            wasSent = false
            isWithConsumer = false
        }
    }
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let grace: Duration
    // Freed by `deinit` only, after the last thread that could use it let go of the gate.
    private nonisolated(unsafe) let request: OpaquePointer
    // A descriptor of our own: shutting libpq's down could hit a file that got its number after libpq closed it.
    private let socket: Int32
    private let timers = DispatchQueue(label: "postgres deadline")
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Borrows the connection for the length of this call. Nil when out of memory or descriptors.
    init?(_ connection: OpaquePointer, grace: Duration) {
        let socket = fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)
        guard socket >= 0 else { return nil }
        guard let request = PQgetCancel(connection) else {
            Glibc.close(socket)
            return nil
        }
        self.request = request
        self.socket = socket
        self.grace = grace
        timer = DispatchSource.makeTimerSource(queue: timers)
        timer.setEventHandler { [weak self] in self?.ring() }
        timer.resume()
    }

    deinit {
        timer.cancel()
        PQfreeCancel(request)
        Glibc.close(socket)
    }

    /// From now until `close`, a query runs that may be stopped. A deadline counts from now.
    func open(deadline: Duration?) -> Pass {
        state.withLock { state in
            state.begin()
            state.limit = deadline
            if let deadline { setTimer(deadline, &state) }
            return state.pass
        }
    }

    /// For the short exchange after a stopped query: no cancel request is sent any more, and the connection is cut when the
    /// grace is over.
    func openToSettle() {
        state.withLock { state in
            state.begin()
            state.reason = .unwanted
            setTimer(grace, &state)
        }
    }

    /// Stops the query of that pass; does nothing if it has ended or is being stopped.
    func interrupt(_ pass: Pass, because reason: Reason) {
        let begins = state.withLock { state in
            guard state.isOpen, state.pass == pass, state.reason == nil else { return false }
            state.reason = reason
            setTimer(grace, &state)
            return true
        }
        if begins { send(pass, repeatingAfter: .milliseconds(20)) }
    }

    /// Why the query is being stopped, if it is.
    var reason: Reason? { state.withLock { $0.reason } }

    var isCut: Bool { state.withLock { $0.isCut } }

    /// Cuts the connection: whatever blocks in libpq fails at once.
    func cut() { state.withLock { cut(&$0) } }

    /// While the consumer of a stream works, the thread is not in libpq: nothing to cut.
    func isWithConsumer(_ value: Bool) {
        state.withLock { $0.isWithConsumer = value }
    }

    /// The query has ended. After this no request for it can reach the server, or the connection is cut.
    func close() -> Outcome {
        let isSending = state.withLock { state in
            state.isOpen = false
            state.isWithConsumer = false
            if state.alarm != nil {
                state.alarm = nil
                timer.schedule(deadline: .distantFuture)
            }
            return state.isSending
        }
        if isSending, arrived.wait(timeout: .now() + grace.dispatchInterval) == .timedOut { state.withLock { cut(&$0) } }
        return state.withLock { Outcome(reason: $0.reason, wasSent: $0.wasSent, isCut: $0.isCut) }
    }

    private func send(_ pass: Pass, repeatingAfter pause: Duration) {
        BlockingThreads.shared.run { [self] in
            let isWanted = state.withLock { state in
                guard state.isOpen, state.pass == pass, !state.isCut else { return false }
                state.isSending = true
                state.wasSent = true
                return true
            }
            guard isWanted else { return }
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(request, &message, Int32(message.count))
            let isAwaited = state.withLock { state in
                state.isSending = false
                return !(state.isOpen && state.pass == pass)
            }
            guard !isAwaited else {
                arrived.signal()
                return
            }
            // A request that comes before the server has begun with the query is lost on it: ask again.
            timers.asyncAfter(deadline: .now() + pause.dispatchInterval) { [weak self] in
                self?.send(pass, repeatingAfter: min(pause * 2, .seconds(1)))
            }
        }
    }

    private func ring() {
        let expired: Pass? = state.withLock { state in
            guard state.isOpen, let alarm = state.alarm, .now() >= alarm else { return nil }
            if state.reason == nil { return state.pass }
            if state.isWithConsumer { setTimer(grace, &state) } else { cut(&state) }
            return nil
        }
        guard let expired else { return }
        let limit = state.withLock { $0.limit } ?? .zero
        interrupt(expired, because: .timedOut(after: limit))
    }

    private func cut(_ state: inout State) {
        state.isCut = true
        shutdown(socket, Int32(SHUT_RDWR))
    }

    private func setTimer(_ duration: Duration, _ state: inout State) {
        let alarm = DispatchTime.now() + duration.dispatchInterval
        state.alarm = alarm
        timer.schedule(deadline: alarm, leeway: .milliseconds(1))
    }
}

extension Duration {
    /// Rounded down to nanoseconds, at most some two hundred years.
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(Int(min(max(seconds, 0), 6_000_000_000)) * 1_000_000_000 + Int(max(attoseconds, 0) / 1_000_000_000))
    }
}
