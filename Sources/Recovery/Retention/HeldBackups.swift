/// The backups that a run works with, kept from being removed under it.
package struct HeldBackups: Sendable {
    private var holds: [(by: Holds, hold: Holds.Hold)] = []
    /// What could not be held: a store that takes no notes must not keep a recovery from beginning.
    private(set) var troubles: [String] = []

    static let none = HeldBackups()

    private init() {}

    /// Throws `Failure(.refused)` for a backup that is marked for deletion; then nothing is held.
    static func hold(_ backups: [BackupInHand], in stores: BackupStores, for run: RunID, until: Timestamp, _ world: World) async throws
        -> HeldBackups
    {
        var held = HeldBackups()
        var seen: Set<String> = []
        for backup in backups {
            let id = backup.manifest.id
            guard seen.insert("\(backup.store.name)/\(id.setPath)").inserted, let store = stores.store(named: backup.store.name) else {
                continue
            }
            let holds = Holds(store: store, digests: world.digests, time: world.time, host: world.host.host)
            do {
                held.holds.append((holds, try await holds.take(id.policy, id.set, for: run.rawValue, until: until)))
            } catch let failure as Failure where failure.kind != .refused && failure.kind != .notFound {
                held.troubles.append("backup \(id) could not be held against being removed meanwhile: \(failure.problem)")
            } catch {
                await held.release()
                throw error
            }
        }
        return held
    }

    /// Runs `body` and holds the backups for as long as it takes.
    func keeping<Result: Sendable>(
        _ time: any TimeSource, say: @escaping @Sendable (String) -> Void, while body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await Renewal.renewing(time, by: { await renew(time.now, say) }, while: body)
    }

    private func renew(_ now: Timestamp, _ say: @Sendable (String) -> Void) async {
        for (holds, hold) in holds {
            let until = max(hold.until, now.advanced(bySeconds: Renewal.expiry.inSeconds))
            do { _ = try await holds.take(hold.policy, hold.set, for: hold.run, until: until) } catch {
                // There is room for more tries before it expires.
                let failure = Failure.wrapping(error, while: "holding \(hold.policy)/\(hold.set)")
                say("backup \(hold.policy)/\(hold.set) could not be held for longer: \(failure.problem)")
            }
        }
    }

    /// Gives back what the lives of a run have held that will not go on. Returns what could not be given back, in words.
    package static func giveBack(_ backups: [KeptBackup], in stores: BackupStores, of run: RunID, _ world: World) async -> [String] {
        var troubles: [String] = []
        var seen: Set<String> = []
        for backup in backups where seen.insert("\(backup.store)/\(backup.id.setPath)").inserted {
            guard let store = stores.store(named: backup.store) else { continue }
            let holds = Holds(store: store, digests: world.digests, time: world.time, host: world.host.host)
            do { try await holds.releaseAll(of: run.rawValue, on: backup.id.policy, backup.id.set) } catch let failure as Failure
                where failure.kind == .notFound
            {
                continue
            } catch {
                troubles.append(
                    "backup \(backup.id) is still held for the run, until that expires: \(Failure.wrapping(error, while: "giving it back").problem)"
                )
            }
        }
        return troubles
    }

    /// What cannot be given back expires by itself.
    func release() async {
        for (holds, hold) in holds { await uncancelled { try? await holds.releaseAll(of: hold.run, on: hold.policy, hold.set) } }
    }
}
