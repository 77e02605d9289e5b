/// Runs a blocking call on a thread of its own and waits for it without holding one of the cooperative pool's.
///
/// Cancelling the task raises the flag that the call was given, nothing else: the call decides whether to return early, and
/// its result or error is what the caller gets. A call made by a task that is cancelled already runs too, with the flag up,
/// so that cleaning up works.
package func blocking<R: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (CancellationFlag) throws(Failure) -> R
) async throws(Failure) -> R {
    let flag = CancellationFlag()
    let result = await withTaskCancellationHandler {
        await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, Failure>, Never>) in
            BlockingThreads.shared.run {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body(flag)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    } onCancel: {
        flag.raise()
    }
    return try result.get()
}
