import Recovery
import Synchronization

/// The end of a process, as far as a journal can show it: from here on nothing that it does has any effect.
package struct Crash: Error {}

/// Run folders in memory. The nth append can be the one at which the process dies, with nothing, a part or all of the line written.
package final class MemoryRunFolders: RunFolders {
    package enum Death: Sendable, CaseIterable { case beforeTheLine, withinTheLine, afterTheLine }

    fileprivate struct State {
        var journals: [RunID: [UInt8]] = [:]
        var files: [RunID: [String: [UInt8]]] = [:]
        var scratch: Set<RunID> = []
        var open: Set<RunID> = []
        var appends = 0
        var dyingAppend: Int?
        var death = Death.beforeTheLine
        var isDead = false
        /// The append from which the disk is full.
        var fullFrom: Int?
    }

    fileprivate let state = Mutex(State())
    fileprivate let faults: Faults

    package init(faults: Faults = Faults()) { self.faults = faults }

    package var isDead: Bool { state.withLock { $0.isDead } }
    package var appends: Int { state.withLock { $0.appends } }
    package var openFolders: Set<RunID> { state.withLock { $0.open } }
    package var scratchFolders: Set<RunID> { state.withLock { $0.scratch } }
    package func file(_ name: String, of run: RunID) -> [UInt8]? { state.withLock { $0.files[run]?[name] } }

    /// Lets the process die at an append counted from now.
    package func dies(atAppend number: Int, _ death: Death) {
        state.withLock { state in
            state.dyingAppend = state.appends + number
            state.death = death
        }
    }

    /// The disk is full from this append on.
    package func fillsUp(atAppend number: Int) { state.withLock { $0.fullFrom = $0.appends + number } }

    /// A new process: what lies on disk stays, locks are gone.
    package func restart() {
        state.withLock { state in
            state.isDead = false
            state.dyingAppend = nil
            state.open = []
        }
    }

    /// Throws if the process is dead; anything that has an effect asks first.
    package func live() throws { if isDead { throw Crash() } }

    package func create(_ run: RunID) async throws -> any RunFolder {
        try live()
        try faults.call(.journal, "create") {}
        state.withLock { state in
            state.journals[run] = []
            state.open.insert(run)
        }
        return MemoryRunFolder(run: run, folders: self)
    }

    package func open(_ run: RunID) async throws -> any RunFolder {
        try live()
        try faults.call(.journal, "open") {}
        let problem: Failure? = state.withLock { state in
            guard state.journals[run] != nil else { return Failure(.notFound, "there is no run \(run)") }
            guard state.open.insert(run).inserted else { return Failure(.lockHeld, "run \(run) is alive") }
            return nil
        }
        if let problem { throw problem }
        return MemoryRunFolder(run: run, folders: self)
    }

    package func list() async throws -> [RunID] { state.withLock { $0.journals.keys.sorted { $0.rawValue < $1.rawValue } } }

    package func journal(of run: RunID) async throws -> [UInt8] {
        guard let bytes = state.withLock({ $0.journals[run] }) else { throw Failure(.notFound, "there is no run \(run)") }
        return bytes
    }

    package func path(of run: RunID) -> String { "/state/runs/\(run)" }

    /// The lines of the only run's journal.
    package func lines() throws -> [JournalLine] {
        guard let (run, bytes) = state.withLock({ $0.journals.first }) else { return [] }
        return try JournalReader.read(bytes, of: run).lines
    }
}

private struct MemoryRunFolder: RunFolder {
    let run: RunID
    let folders: MemoryRunFolders

    var path: String { folders.path(of: run) }

    func append(_ line: [UInt8]) async throws {
        try folders.live()
        try folders.faults.call(.journal, "append", changes: true) { try put(line) }
    }

    private func put(_ line: [UInt8]) throws {
        let full = folders.state.withLock { state -> Bool in
            state.appends += 1
            if let from = state.fullFrom, state.appends >= from { return true }
            guard state.appends == state.dyingAppend else {
                state.journals[run, default: []] += line
                return false
            }
            switch state.death {
            case .beforeTheLine: break
            case .withinTheLine: state.journals[run, default: []] += line.prefix(line.count / 2)
            case .afterTheLine: state.journals[run, default: []] += line
            }
            state.isDead = true
            return false
        }
        if full { throw Failure(.journal, "no room is left on the disk") }
        try folders.live()
    }

    func read() async throws -> [UInt8] {
        try await folders.faults.call(.journal, "read") { try await folders.journal(of: run) }
    }

    func truncate(to bytes: Int64) async throws {
        try folders.live()
        try folders.faults.call(.journal, "truncate") {}
        folders.state.withLock { state in state.journals[run] = state.journals[run].map { Array($0.prefix(Int(bytes))) } }
    }

    func write(_ name: String, _ bytes: [UInt8]) async throws {
        try folders.live()
        try folders.faults.call(.journal, "write \(name)") {}
        folders.state.withLock { $0.files[run, default: [:]][name] = bytes }
    }

    func scratch() async throws -> String {
        try folders.live()
        try folders.faults.call(.journal, "make scratch") {}
        folders.state.withLock { _ = $0.scratch.insert(run) }
        return "\(path)/scratch"
    }

    func removeScratch() async throws {
        try folders.live()
        try folders.faults.call(.journal, "remove scratch", changes: true) { folders.state.withLock { _ = $0.scratch.remove(run) } }
    }

    func discard() async {
        folders.state.withLock { if !$0.isDead { $0.journals[run] = nil } }
        await close()
    }

    func close() async { folders.state.withLock { _ = $0.open.remove(run) } }
}
