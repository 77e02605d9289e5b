import Dispatch
import Glibc

/// The signals that ask us to stop, as they come, instead of what they do by themselves. From its start until it is
/// cancelled or dropped.
package final class SignalStream: Sendable {
    package let signals: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let watched: [Int32]

    package init(_ watched: [Int32] = [SIGINT, SIGTERM, SIGHUP]) {
        let (signals, continuation) = AsyncStream<Int32>.makeStream()
        self.signals = signals
        self.continuation = continuation
        self.watched = watched
        let queue = DispatchQueue(label: "signals")
        sources = watched.map { number in
            // Dispatch only watches: without this the signal ends us all the same.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in continuation.yield(number) }
            source.resume()
            return source
        }
    }

    deinit { cancel() }

    /// Ends the stream and lets the signals do again what they do by themselves.
    package func cancel() {
        for source in sources { source.cancel() }
        for number in watched { signal(number, SIG_DFL) }
        continuation.finish()
    }
}
