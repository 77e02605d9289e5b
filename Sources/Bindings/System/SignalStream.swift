import Dispatch
import Glibc

/// The signals that ask us to stop, as they come, instead of what they do by themselves. From its start until it is
/// cancelled or dropped. One that we were told to ignore when we were started (`nohup`) stays ignored.
package final class SignalStream: Sendable {
    package let signals: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let watched: [Int32]

    package init(_ watched: [Int32] = [SIGINT, SIGTERM, SIGHUP]) {
        let (signals, continuation) = AsyncStream<Int32>.makeStream()
        self.signals = signals
        self.continuation = continuation
        let watched = watched.filter { !Self.isIgnored($0) }
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

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    deinit { cancel() }

    /// Ends the stream and lets the signals do again what they do by themselves.
    package func cancel() {
        for source in sources { source.cancel() }
        for number in watched { signal(number, SIG_DFL) }
        continuation.finish()
    }
}
