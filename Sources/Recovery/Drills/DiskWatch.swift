internal import Documents

/// What a drill's servers have taken of a disk, and what is left there.
package struct DiskUse: Sendable, Equatable {
    package let usedBytes: Int64
    /// Nil where it cannot be told.
    package let freeBytes: Int64?

    package init(usedBytes: Int64, freeBytes: Int64?) {
        self.usedBytes = usedBytes
        self.freeBytes = freeBytes
    }
}

/// What a drill's servers may take of the disk that they share with everybody else on their machine.
package struct DiskLimits: Sendable, Equatable {
    /// All servers of a drill together; nil: as much as there is.
    package var most: Int64?
    /// What has to stay free for others.
    package var reserve: Int64

    package init(most: Int64? = nil, reserve: Int64 = 1 << 30) {
        self.most = most
        self.reserve = reserve
    }

    /// Why these servers cannot go on; nil when they can.
    func failure(_ use: DiskUse, cause: Failure? = nil) -> Failure? {
        let problem: String
        if let most, use.usedBytes > most {
            problem = "the drill's servers took \(ByteSize(use.usedBytes)) of disk, more than the \(ByteSize(most)) they may"
        } else if let free = use.freeBytes, free < reserve {
            problem =
                "the disk of the drill's servers ran full: \(ByteSize(free)) free, and \(ByteSize(reserve)) have to stay free for others"
        } else {
            return nil
        }
        return Failure(
            .environmentUnavailable, problem,
            hint: "this says nothing about the backup: make room, or change `servers: {disk: …, keep_free: …}` in the configuration",
            cause: cause)
    }
}

/// Ends a step of a drill before its servers fill a disk that others need.
struct DiskWatch: Sendable {
    let limits: DiskLimits
    let time: any TimeSource
    /// Nil where it cannot be told.
    let look: @Sendable () async -> DiskUse?

    /// How often the disk is looked at.
    private static let interval = Duration.seconds(2)

    /// Throws `Failure(.environmentUnavailable)` when the disk ran full or the limit was passed, also where that is why `body` failed.
    func during<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do { return try await body() } catch let failure as Failure where !failure.isAboutTheBackup && failure.kind != .differs {
                    throw await self.failure(because: failure) ?? failure
                }
            }
            group.addTask {
                while true {
                    try await time.sleepBeside(for: Self.interval)
                    if let failure = await failure() { throw failure }
                }
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else { throw CancellationError() }
            return result
        }
    }

    private func failure(because cause: Failure? = nil) async -> Failure? {
        await look().flatMap { limits.failure($0, cause: cause) }
    }
}
