import Documents
import Recovery
import Stores

extension Services {
    /// What dead runs left on the servers of the configuration. Runs of this host are known; one of another host may still be at work until
    /// its time is up.
    func lookAtTargets(of file: ConfigurationFile, sparing spared: Set<RunID>, _ found: inout Sweeper.Found) async throws {
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
            let configured = Task { try await configuredTarget(name, entry.value, engine, recovering: false) }
            if entry.value.storage != nil {
                try await found.look(
                    "staged folders of target '\(name)'",
                    for: { try await engine.target(.configured(role: name, configured.value)).leftoversHere(sparing: isSpared) },
                    removing: { try await engine.target(.configured(role: name, configured.value)).remove($0) })
            }
            try await found.look(
                "uploads on target '\(name)'",
                for: {
                    try await engine.target(.configured(role: name, configured.value)).leftovers(sparing: isSpared)
                },
                removing: { try await engine.target(.configured(role: name, configured.value)).remove($0) })
        }
    }

    /// Seconds after which a run can no longer be resumed.
    private static let longestRun: Double = 24 * 3600
}
