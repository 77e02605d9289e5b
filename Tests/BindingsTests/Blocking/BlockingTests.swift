import Bindings
import Dispatch
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingTests {
    @Test func moreBlockedCallsThanCoresDoNotHoldEachOtherUp() async {
        // Every call waits until all the others have started too: with a pool as wide as the machine nobody would get there.
        let count = 100
        let arrived = Counter()
        let everybody = DispatchSemaphore(value: 0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    await blocking { _ in
                        if arrived.increase() == count {
                            for _ in 0..<count { everybody.signal() }
                        }
                        everybody.wait()
                    }
                }
            }
            await group.waitForAll()
        }
        #expect(arrived.value == count)
    }

    @Test func threadsAreUsedAgain() async {
        for expected in 0..<1000 {
            let answer = await blocking { _ in expected }
            #expect(answer == expected)
        }
    }

    @Test func whatTheCallThrowsIsWhatTheCallerGets() async {
        struct Refused: Error, Equatable {}
        await #expect(throws: Refused()) { try await blocking { _ throws(Refused) -> Int in throw Refused() } }
    }

    @Test func cancellingTheTaskWakesTheCall() async {
        let started = AsyncStream<Void>.makeStream()
        let task = Task {
            await blocking { flag in
                let bell = DispatchSemaphore(value: 0)
                flag.onRaise { bell.signal() }
                started.continuation.finish()
                bell.wait()
                return flag.isRaised
            }
        }
        for await _ in started.stream {}
        task.cancel()
        #expect(await task.value)
    }

    @Test func aCallOfACancelledTaskStillRuns() async {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await blocking { flag in flag.isRaised ? "cleaned up" : "not cancelled" }
        }
        task.cancel()
        #expect(await task.value == "cleaned up")
    }

    @Test func aHookTakenAwayIsNotCalled() {
        let flag = CancellationFlag()
        let calls = Counter()
        flag.onRaise { _ = calls.increase() }
        flag.onRaise(nil)
        flag.raise()
        #expect(calls.value == 0)
    }

    @Test func aHookSetAfterTheFlagWentUpRunsAtOnceAndOnce() {
        let flag = CancellationFlag()
        let calls = Counter()
        flag.raise()
        flag.onRaise { _ = calls.increase() }
        flag.raise()
        #expect(calls.value == 1)
        #expect(throws: CancellationError.self) { try flag.check() }
    }

    @Test func anActorOnABlockingQueueLeavesTheCooperativePoolFree() async {
        actor Connection {
            private let queue = BlockingQueue(label: "test")
            nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe queue.asUnownedSerialExecutor() }
            func block(until bell: DispatchSemaphore) { bell.wait() }
        }
        let bell = DispatchSemaphore(value: 0)
        let connections = (0..<32).map { _ in Connection() }
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.block(until: bell) } }
            // This task runs on the cooperative pool while all the actors are blocked, or never.
            group.addTask { for _ in connections { bell.signal() } }
            await group.waitForAll()
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increase() -> Int { count.add(1, ordering: .relaxed).newValue }
}
