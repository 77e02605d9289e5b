/// Finds and removes what dead runs left behind. What belongs to a run that can still be resumed is spared.
package struct Sweeper: Sendable {
    private let folders: any RunFolders
    private let providers: [any EnvironmentProvider]
    private let now: Timestamp

    package init(folders: any RunFolders, providers: [any EnvironmentProvider], now: Timestamp) {
        self.folders = folders
        self.providers = providers
        self.now = now
    }

    /// Runs that are neither finished nor expired.
    package func resumable() async throws -> Set<RunID> {
        var spared: Set<RunID> = []
        for run in try await folders.list() {
            // A journal that cannot be read says nothing about what may go, so what it owns is spared.
            guard let bytes = try? await folders.journal(of: run), let contents = try? JournalReader.read(bytes, of: run) else {
                spared.insert(run)
                continue
            }
            // Nothing is done before the first line is written.
            if contents.lines.isEmpty { continue }
            guard let history = try? RunHistory(contents.lines, of: run) else {
                spared.insert(run)
                continue
            }
            if history.end.map(\.outcome.mayGoOn) ?? true, history.started.expires > now { spared.insert(run) }
        }
        return spared
    }

    /// Each with what removes it.
    package func leftovers() async throws -> [(leftover: Leftover, remove: @Sendable () async throws -> Void)] {
        let spared = try await resumable()
        var found: [(leftover: Leftover, remove: @Sendable () async throws -> Void)] = []
        for provider in providers {
            for leftover in try await provider.leftovers(sparing: spared) {
                found.append((leftover, { try await provider.remove(leftover) }))
            }
        }
        return found
    }

    /// At the start of a drill: what cannot be removed is a warning, not a reason not to start.
    package func quietly(_ warn: @Sendable (String) -> Void) async {
        do {
            for (leftover, remove) in try await leftovers() {
                do { try await remove() } catch { warn("\(leftover.words) could not be removed: \(error)") }
            }
        } catch {
            warn("what dead runs may have left behind could not be listed: \(error)")
        }
    }
}
