/// The folders that runs keep their journals, reports and scratch files in.
package protocol RunFolders: Sendable {
    /// A new folder, locked by us. `Failure(.journal)` when it cannot be made.
    func create(_ run: RunID) async throws -> any RunFolder
    /// An existing one; `Failure(.lockHeld)` while its run is alive, `Failure(.notFound)` when there is none.
    func open(_ run: RunID) async throws -> any RunFolder
    /// Oldest first.
    func list() async throws -> [RunID]
    /// The journal as it is now, without taking its lock.
    func journal(of run: RunID) async throws -> [UInt8]
    func path(of run: RunID) -> String
}

/// One run's folder, ours until it is closed.
package protocol RunFolder: Sendable {
    var path: String { get }
    /// One line; on disk when this returns. `Failure(.journal)` when it cannot be.
    func append(_ line: [UInt8]) async throws
    func read() async throws -> [UInt8]
    /// Cuts a torn tail off.
    func truncate(to bytes: Int64) async throws
    /// Writes or replaces a file beside the journal, whole or not at all.
    func write(_ name: String, _ bytes: [UInt8]) async throws
    /// A folder for this run's temporary files; gone with `removeScratch` or `sweep`.
    func scratch() async throws -> String
    func removeScratch() async throws
    func close() async
    /// Closes and removes it: the run never began.
    func discard() async
}

/// Keeps operations on one server apart, on this host.
package protocol Locks: Sendable {
    /// Takes all keys or none. `Failure(.lockHeld)` names the holder.
    func take(_ keys: [String], _ mode: LockMode, as holder: String) async throws -> any HeldLocks
}

package enum LockMode: String, Sendable { case shared, exclusive }

package protocol HeldLocks: Sendable {
    /// Adds keys learned later, such as a server's own identity.
    func add(_ keys: [String]) async throws
    func release() async
}

/// The person in front of the terminal, if there is one.
package protocol People: Sendable {
    var canAnswer: Bool { get }
    /// Shows the text and waits for a line. Nil at the end of input.
    func ask(_ text: String) async throws -> String?
}

/// What a run tells while it is at it: lines for people, not results.
package protocol Progress: Sendable {
    func say(_ line: ProgressLine)
}

package enum ProgressLine: Sendable {
    case heading(String)
    case stepStarted(path: String, name: String, attempt: Int)
    case stepEnded(path: String, name: String, status: StepRecord.Status, seconds: Double, summary: String)
    case detail(String)
    case warning(String)
}

/// The machine and process we are, for evidence and ownership.
package struct HostFacts: Sendable, Codable, Equatable {
    package var host: String
    package var system: String
    package var operatorName: String
    /// Who called sudo, when somebody did.
    package var sudoOrigin: String?
    package var pid: Int32
    package var processStart: UInt64
    package var boot: String
    package var lifeboatVersion: String
    /// Of a process whose number counts only in a container: in which.
    package var processNamespace: UInt64?

    package init(
        host: String, system: String, operatorName: String, sudoOrigin: String?, pid: Int32, processStart: UInt64, boot: String,
        lifeboatVersion: String, processNamespace: UInt64? = nil
    ) {
        self.host = host
        self.system = system
        self.operatorName = operatorName
        self.sudoOrigin = sudoOrigin
        self.pid = pid
        self.processStart = processStart
        self.boot = boot
        self.lifeboatVersion = lifeboatVersion
        self.processNamespace = processNamespace
    }
}
