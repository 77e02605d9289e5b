import Dispatch

/// The thread a C handle lives on.
///
/// An actor that names this queue as its executor may call blocking C functions freely: they occupy this queue's thread and
/// never one of the cooperative pool's few. At most 255 such queues can be blocked at the same time.
///
/// ```swift
/// package actor Connection {
///     private let queue = BlockingQueue(label: "connection")
///     package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
/// }
/// ```
package final class BlockingQueue: SerialExecutor {
    // A private serial queue gets a thread beyond the machine's width. The global queues do not: on Linux they are the
    // very threads that Swift tasks run on.
    private let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
