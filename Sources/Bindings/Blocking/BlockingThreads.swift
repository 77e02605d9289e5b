import Dispatch
import Glibc
import Synchronization

/// Threads for blocking calls: as many as are busy at once, and gone again when idle for a while.
///
/// Not a dispatch queue: a concurrent one shares its threads with Swift's tasks, and serial ones end at 255 per process.
final class BlockingThreads: Sendable {
    static let shared = BlockingThreads()

    private struct State {
        var idle: [Worker] = []
        /// Work that found no idle thread and could not start one (the kernel's limit was reached).
        var waiting: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())
    private static let idleSeconds = 10

    func run(_ job: @escaping @Sendable () -> Void) {
        let idle = state.withLock { $0.idle.popLast() }
        if let idle {
            idle.wake(with: job)
            return
        }
        if start(Worker(firstJob: job)) { return }
        // Whichever busy thread is done first takes it. Without any thread at all, this one has to.
        let freed = state.withLock { state in
            let freed = state.idle.popLast()
            if freed == nil { state.waiting.append(job) }
            return freed
        }
        if let freed { freed.wake(with: job) } else if !start(Worker(firstJob: nil)) { runWaiting() }
    }

    private func runWaiting() {
        while let job = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) { job() }
    }

    private func start(_ worker: Worker) -> Bool {
        var thread: pthread_t = 0
        let started = Unmanaged.passRetained(worker)
        let result = pthread_create(
            &thread, nil,
            { worker in
                if let worker { BlockingThreads.shared.live(as: Unmanaged<Worker>.fromOpaque(worker).takeRetainedValue()) }
                return nil
            }, started.toOpaque())
        guard result == 0 else {
            started.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func live(as worker: Worker) {
        var job = worker.takeJob()
        while true {
            job?()
            job = nil
            job = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.idle.append(worker)
                return nil
            }
            if job != nil { continue }
            if worker.sleep(seconds: Self.idleSeconds) == .timedOut {
                let leaves = state.withLock { state in
                    guard let place = state.idle.firstIndex(where: { $0 === worker }) else { return false }
                    state.idle.remove(at: place)
                    return true
                }
                if leaves { return }
                // Somebody picked this thread in the same moment; its job arrives or has arrived.
                worker.sleep()
            }
            job = worker.takeJob()
        }
    }

    private final class Worker: Sendable {
        private let job: Mutex<(@Sendable () -> Void)?>
        private let bell = DispatchSemaphore(value: 0)

        init(firstJob: (@Sendable () -> Void)?) { job = Mutex(firstJob) }

        func wake(with next: @escaping @Sendable () -> Void) {
            job.withLock { $0 = next }
            bell.signal()
        }
        func takeJob() -> (@Sendable () -> Void)? {
            job.withLock { job in
                defer { job = nil }
                return job
            }
        }
        func sleep(seconds: Int) -> DispatchTimeoutResult { bell.wait(timeout: .now() + .seconds(seconds)) }
        func sleep() { bell.wait() }
    }
}
