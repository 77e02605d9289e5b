import Glibc

/// A thread that runs one thing and ends: for what must not happen to a thread that others use afterwards.
struct OwnThread {
    private let thread: pthread_t

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func start(_ body: @escaping @Sendable () -> Void) throws(ErrorNumber) -> OwnThread {
        var thread: pthread_t = 0
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { work in
                if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw ErrorNumber(code)
        }
        return OwnThread(thread: thread)
    }

    /// Waits for its end; once.
    func join() { pthread_join(thread, nil) }
}
