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

    /// What there is, and where nobody could look.
    package struct Found: Sendable {
        /// Each with what removes it.
        package private(set) var leftovers: [(leftover: Leftover, remove: @Sendable () async throws -> Void)] = []
        package private(set) var unseen: [Failure] = []

        package init() {}

        /// Whoever cannot be reached does not keep the others from being swept.
        package mutating func look(
            _ what: String, for list: () async throws -> [Leftover], removing remove: @escaping @Sendable (Leftover) async throws -> Void
        ) async throws {
            do {
                for leftover in try await list() { leftovers.append((leftover, { try await remove(leftover) })) }
            } catch is CancellationError { throw CancellationError() } catch {
                let why = Failure.wrapping(error, while: "looking for what is left of dead runs")
                unseen.append(
                    Failure(why.kind, "cannot look for what dead runs left as \(what): \(why.problem)", hint: why.hint, cause: why.cause))
            }
        }
    }

    package func leftovers() async throws -> Found {
        let spared = try await resumable()
        var found = Found()
        for provider in providers {
            try await found.look(
                provider.kind, for: { try await provider.leftovers(sparing: spared) }, removing: { try await provider.remove($0) })
        }
        return found
    }

    /// At the start of a drill: what cannot be removed is a warning, not a reason not to start.
    package func quietly(_ warn: @Sendable (String) -> Void) async {
        do {
            let found = try await leftovers()
            for failure in found.unseen { warn(failure.problem) }
            for (leftover, remove) in found.leftovers {
                do { try await remove() } catch { warn("\(leftover.words) could not be removed: \(error)") }
            }
        } catch {
            warn("what dead runs may have left behind could not be listed: \(error)")
        }
    }
}
