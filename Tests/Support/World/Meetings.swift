import Synchronization

/// Where steps of several runs wait for each other: one after the other they would wait for ever.
package final class Meetings: Sendable {
    private let arrived: Mutex<[String: Set<String>]> = Mutex([:])

    package init() {}

    /// Who has come there once is there for good, so that whoever comes after a crash finds company.
    package func arrive(_ path: String, at place: String) { arrived.withLock { _ = $0[place, default: []].insert(path) } }
    package func count(at place: String) -> Int { arrived.withLock { $0[place]?.count ?? 0 } }
}
