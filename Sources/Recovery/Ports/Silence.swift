internal import Synchronization

/// Why a target is asked no more in one plan: once it has not answered.
package final class Silence: Sendable {
    private let state: Mutex<Failure?>

    /// - Parameter failure: how it did not answer, if that is known already.
    package init(_ failure: Failure?) { state = Mutex(failure) }

    /// Throws when it is known not to answer.
    package func refuse() throws {
        if let failure = state.withLock({ $0 }) { throw failure }
    }

    /// Takes note of a failure if that is one of not answering.
    package func note(_ failure: Failure) {
        if failure.isWorthRetrying { state.withLock { $0 = failure } }
    }
}
