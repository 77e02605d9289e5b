import Recovery
import Synchronization

/// Everything that a world is asked for, counted by port and written down in order; and the one call, or all from one on, that fails.
package final class Faults: Sendable {
    package enum Port: String, Sendable, CaseIterable { case store, commands, server, environment, journal, locks, people, notices }

    /// When a failing call that changes something fails. It may also fail to say that it has done what it did.
    package enum Moment: Sendable, CaseIterable { case beforeTheEffect, afterTheEffect }

    /// `once` is a hiccup; `forGood` an outage that lasts as long as the process does.
    package enum Extent: Sendable, CaseIterable { case once, forGood }

    private struct Armed {
        let port: Port
        let first: Int
        let failure: Failure
        let moment: Moment
        let extent: Extent
    }

    private struct State {
        var calls: [String] = []
        var counts: [Port: Int] = [:]
        var armed: Armed?
        var struck: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// The nth call of a port fails, counted from now.
    package func fail(_ port: Port, call number: Int, with failure: Failure, _ moment: Moment = .beforeTheEffect, _ extent: Extent = .once)
    {
        state.withLock { state in
            state.armed = Armed(
                port: port, first: state.counts[port, default: 0] + number, failure: failure, moment: moment, extent: extent)
            state.struck = nil
        }
    }

    /// From here on everything works again.
    package func heal() { state.withLock { $0.armed = nil } }

    /// The first call that failed, in words; nil when there were fewer calls: a loop over all of them has come to its end.
    package var struck: String? { state.withLock { $0.struck } }

    /// Every call so far, in order: `store open nightly/…/rows`, `server drop app`.
    package var calls: [String] { state.withLock { $0.calls } }

    /// Written down, and no call.
    package func note(_ words: String) { state.withLock { $0.calls.append(words) } }

    package func call<Result>(_ port: Port, _ words: String, changes: Bool = false, _ body: () throws -> Result) throws -> Result {
        let fault = count(port, words)
        if let fault, !changes || fault.moment == .beforeTheEffect { throw fault.failure }
        let result = try body()
        if let fault { throw fault.failure }
        return result
    }

    package func call<Result>(
        _ port: Port, _ words: String, changes: Bool = false, _ body: () async throws -> Result
    ) async throws -> Result {
        let fault = count(port, words)
        if let fault, !changes || fault.moment == .beforeTheEffect { throw fault.failure }
        let result = try await body()
        if let fault { throw fault.failure }
        return result
    }

    /// The fault that this call is to meet.
    private func count(_ port: Port, _ words: String) -> Armed? {
        state.withLock { state in
            state.calls.append("\(port) \(words)")
            let number = state.counts[port, default: 0] + 1
            state.counts[port] = number
            guard let armed = state.armed, armed.port == port else { return nil }
            guard number == armed.first || armed.extent == .forGood && number > armed.first else { return nil }
            state.struck = state.struck ?? "\(port) \(words)"
            return armed
        }
    }
}
