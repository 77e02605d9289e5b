/// Keeps a set that is being written untouchable, however long that takes: what `begin.json` says runs out, unless notes say anew how long.
struct SetRenewal: Sendable {
    let store: any Store
    let digests: any Digesting
    let time: any TimeSource
    let host: String
    let say: @Sendable (String) -> Void

    /// How long nobody else touches an unfinished set after its writer was last heard of.
    static let expiry: Duration = .seconds(24 * 3600)
    /// Often enough that a store which is away for a while costs nothing.
    static let interval: Duration = .seconds(6 * 3600)

    /// Runs `body`, and writes every now and then that it is still at work on the set.
    func renewing<Result: Sendable>(_ policy: String, _ set: String, while body: @escaping @Sendable () async throws -> Result) async throws
        -> Result
    {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await renewUntilCancelled(policy, set)
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }

    private func renewUntilCancelled(_ policy: String, _ set: String) async {
        while (try? await time.sleepBeside(for: Self.interval)) != nil, !Task.isCancelled {
            do { try await renew(policy, set) } catch {
                // The backup may end well all the same, and there is room for more tries before anybody may touch the set.
                let failure = Failure.wrapping(error, while: "renewing \(policy)/\(set)")
                say("\(policy)/\(set) could not be marked as still being written: \(failure.problem)")
            }
        }
    }

    private func renew(_ policy: String, _ set: String) async throws {
        let now = time.now
        let note = Note(
            kind: .renewal, writtenAt: now, host: host, run: nil, expires: now.advanced(bySeconds: Self.expiry.inSeconds),
            text: "still being written")
        try await SetNotes(store: store, digests: digests).write(note, on: policy, set)
    }
}
