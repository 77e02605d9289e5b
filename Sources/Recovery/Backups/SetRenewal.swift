/// Keeps a set that is being written untouchable, however long that takes: what `begin.json` says runs out, unless notes say anew how long.
struct SetRenewal: Sendable {
    let store: any Store
    let digests: any Digesting
    let time: any TimeSource
    let host: String
    let say: @Sendable (String) -> Void

    /// Runs `body`, and writes every now and then that it is still at work on the set.
    func renewing<Result: Sendable>(_ policy: String, _ set: String, while body: @escaping @Sendable () async throws -> Result) async throws
        -> Result
    {
        try await Renewal.renewing(time) {
            do { try await renew(policy, set) } catch {
                // The backup may end well all the same, and there is room for more tries before anybody may touch the set.
                let failure = Failure.wrapping(error, while: "renewing \(policy)/\(set)")
                say("\(policy)/\(set) could not be marked as still being written: \(failure.problem)")
            }
        } while: {
            try await body()
        }
    }

    private func renew(_ policy: String, _ set: String) async throws {
        let now = time.now
        let note = Note(
            kind: .renewal, writtenAt: now, host: host, run: nil, expires: now.advanced(bySeconds: Renewal.expiry.inSeconds),
            text: "still being written")
        try await SetNotes(store: store, digests: digests).write(note, on: policy, set)
    }
}
