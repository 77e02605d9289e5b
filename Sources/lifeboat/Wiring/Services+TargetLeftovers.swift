import Documents
import Recovery
import Stores

extension Services {
    /// What dead runs left on the servers of the configuration, and dead captures, out of the notes that they kept. Runs of this host are
    /// known; one of another host may still be at work until its time is up.
    func lookAtTargets(of file: ConfigurationFile, sparing spared: Set<RunID>, notes: [String], _ found: inout Sweeper.Found) async throws {
        let known = Set(try await folders.list())
        let now = time.now
        let isSpared: @Sendable (RunID) -> Bool = { run in
            if known.contains(run) { return spared.contains(run) }
            guard let began = SetName.begun(run.rawValue) else { return true }
            return now.seconds(since: began) < Self.longestRun
        }
        for entry in file.document.targets.entries {
            let engine = try world.engine(EngineName(entry.value.engine.text))
            guard engine.leavesThingsOnServers else { continue }
            let name = entry.key.text
            // Two targets may be one server.
            let claimed = Set(found.leftovers.map(\.leftover.name))
            let unclaimed = notes.filter { !claimed.contains($0) }
            let configured = Task { try await configuredTarget(name, entry.value, engine, recovering: false) }
            if entry.value.storage != nil {
                try await found.look(
                    "staged folders of target '\(name)'",
                    for: { try await engine.target(.configured(role: name, configured.value)).leftoversHere(sparing: isSpared) },
                    removing: { try await engine.target(.configured(role: name, configured.value)).remove($0) })
            }
            try await found.look(
                "uploads and snapshots on target '\(name)'",
                for: {
                    try await engine.target(.configured(role: name, configured.value)).leftovers(sparing: isSpared, notes: unclaimed)
                },
                removing: { try await engine.target(.configured(role: name, configured.value)).remove($0) })
        }
        // A server that did not answer is named already.
        let claimed = Set(found.leftovers.map(\.leftover.name))
        guard let orphan = notes.first(where: { !claimed.contains($0) }), found.unseen.isEmpty else { return }
        try await found.look("notes of captures") {
            throw Failure(
                .configuration,
                "a capture that died has noted in \(orphan) what it had a server make, and no target of the configuration has that address and is done with it",
                hint: "if the server is at work on it, sweep again when it has ended; if it is gone for good, remove that folder")
        } removing: { _ in
        }
    }

    /// Seconds after which a run can no longer be resumed.
    private static let longestRun: Double = 24 * 3600
}
