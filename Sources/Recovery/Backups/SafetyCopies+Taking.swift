/// Copies that die with the run, for drills.
struct ScratchCopies: SafetyCopies {
    let world: World
    let folder: String

    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
        // Other runs of the drill may be telling something at the same time.
        try await SafetyCopy.take(
            target, object: object, into: try await world.localStore("scratch", folder), as: nil, in: world,
            say: { [progress = world.progress] in progress.say(.detail("\(path): \($0)")) })
    }
}

/// Copies that outlive the run: below `_safety` in the store, with a hold, and counted by nobody.
struct StoreCopies: SafetyCopies {
    let world: World
    let store: any Store
    /// How long the copy is kept from every prune.
    let holdFor: Duration

    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
        let copy = try await SafetyCopy.take(
            target, object: object, into: store, as: try await unusedSet(run.rawValue), in: world,
            say: { [progress = world.progress] in progress.say(.detail($0)) })
        let now = world.time.now
        let note = Note(
            kind: .hold, writtenAt: now, host: world.host.host, run: run.rawValue, expires: now.advanced(bySeconds: holdFor.inSeconds),
            text: "kept by step \(path) before '\(target.binding.name)' was changed")
        try await store.create(
            "\(copy.id.setPath)/notes/\(note.fileName(random: world.digests.randomName(6)))", CanonicalJSON.encode(note, pretty: true))
        return copy
    }

    /// The run's own name for its first copy; a number behind it for those that follow.
    private func unusedSet(_ name: String) async throws -> String {
        var number = 1
        while true {
            let set = number == 1 ? name : "\(name)-\(number)"
            if try await store.size(of: "\(Catalog.safety)/\(set)/begin.json") == nil { return set }
            number += 1
        }
    }
}

extension SafetyCopy {
    fileprivate static func take(
        _ target: any EngineTarget, object: String?, into store: any Store, as set: String?, in world: World,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> SafetyCopy {
        let taker = BackupTaker(
            store: store, digests: world.digests, inventories: world.inventories, time: world.time, host: world.host,
            say: say)
        let member = BackupTaker.Member(
            name: target.binding.name, target: target, engine: try world.engine(target.binding.engine), object: object)
        let taken = try await taker.take([member], into: Catalog.safety, set: set)
        guard let manifest = taken.manifests.first else { throw Failure(.bug, "a capture without a manifest") }
        return SafetyCopy(
            location: "\(store.location)/\(manifest.id)", id: manifest.id, bytes: manifest.storedBytes, totals: manifest.totals,
            problems: manifest.problems)
    }
}
