import Synchronization

/// How a blocking call learns that nobody waits for its result any more.
package final class CancellationFlag: Sendable {
    private let raised = Atomic(false)
    private let wakeUp = Mutex<(@Sendable () -> Void)?>(nil)

    package init() {}

    /// Whether the caller was cancelled. Cheap enough to ask between any two pieces of work.
    package var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Raises the flag and wakes the call that sleeps, once; raising it again does nothing.
    package func raise() {
        wakeUp.withLock { wakeUp in
            raised.store(true, ordering: .releasing)
            wakeUp?()
            wakeUp = nil
        }
    }

    /// Sets the one thing that wakes the blocking call when the flag goes up; it runs at once if the flag is up already.
    ///
    /// `nil` takes it away again. After that returns the hook is neither running nor ever going to, so what it uses may be
    /// released. The hook must be short and must not call `raise` or `onRaise`.
    package func onRaise(_ hook: (@Sendable () -> Void)?) {
        wakeUp.withLock { wakeUp in
            if let hook, isRaised {
                hook()
            } else {
                wakeUp = hook
            }
        }
    }

    /// Throws `CancellationError` if the flag is up.
    package func check() throws {
        if isRaised { throw CancellationError() }
    }
}
