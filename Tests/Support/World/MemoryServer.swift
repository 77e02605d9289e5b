import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

/// A server with databases of numbered rows: enough to lose something, and to prove that it came back.
package final class MemoryServer: Sendable {
    private struct State {
        var databases: [String: [Int]] = [:]
        /// A number that no other database ever had, by name.
        var numbers: [String: Int] = [:]
        var lastNumber = 0
        var acts: [String] = []
        var isDown = false
        /// How often it was asked something, answered or not.
        var questions = 0
        var lack: Failure?
        var system: String?
        var lockedBy: String?
        var hooks: [String: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())
    /// Throws when the process that acts is dead.
    private let live: @Sendable () throws -> Void
    private let faults: Faults
    private let meetings: Meetings

    package init(
        holding databases: [String: [Int]] = [:], system: String? = "memory-1", faults: Faults = Faults(), meetings: Meetings = Meetings(),
        live: @escaping @Sendable () throws -> Void = {}
    ) {
        self.live = live
        self.meetings = meetings
        self.faults = faults
        state.withLock { state in
            state.system = system
            Self.change(&state) { $0 = databases }
        }
    }

    package var databases: [String: [Int]] { state.withLock { $0.databases } }
    /// Everything that was done to it, in order.
    package var acts: [String] { state.withLock { $0.acts } }

    package func act(_ words: String, _ change: (inout [String: [Int]]) -> Void) throws {
        try live()
        try isUp()
        let hook = try faults.call(.server, words, changes: true) {
            state.withLock { state in
                state.acts.append(words)
                Self.change(&state, change)
                return state.hooks.removeValue(forKey: words)
            }
        }
        hook?()
    }

    /// Returns when so many steps have come to this place, those of other servers too.
    func meet(_ path: String, at place: String, _ count: Int) async throws {
        meetings.arrive(path, at: place)
        while meetings.count(at: place) < count {
            try live()
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Something happens right after the next act of these words.
    package func after(_ words: String, _ hook: @escaping @Sendable () -> Void) { state.withLock { $0.hooks[words] = hook } }

    private static func change(_ state: inout State, _ change: (inout [String: [Int]]) -> Void) {
        let before = Set(state.databases.keys)
        change(&state.databases)
        for name in state.databases.keys where !before.contains(name) {
            state.lastNumber += 1
            state.numbers[name] = state.lastNumber
        }
        for name in before where state.databases[name] == nil { state.numbers[name] = nil }
    }

    private func isUp() throws {
        guard state.withLock({ $0.isDown }) else { return }
        throw Failure(.unreachable, "nobody answers, the password was hunter2-memory")
    }

    /// One question to the server.
    private func ask<Answer>(_ words: String, _ answer: (inout State) throws -> Answer) throws -> Answer {
        state.withLock { $0.questions += 1 }
        try isUp()
        return try faults.call(.server, words) { try state.withLock { try answer(&$0) } }
    }

    func rows(of database: String) throws -> [Int]? { try ask("rows of \(database)") { $0.databases[database] } }
    func number(of database: String) throws -> Int? { try ask("number of \(database)") { $0.numbers[database] } }
    func system() throws -> String? { try ask("who are you") { $0.system } }

    /// What keeps everything from being restored on it.
    func lack() throws -> Failure? { try ask("what do you lack") { $0.lack } }

    func lock(for holder: String) throws {
        let other = try ask("lock") { state -> String? in
            if let other = state.lockedBy { return other }
            state.lockedBy = holder
            return nil
        }
        if let other { throw Failure(.lockHeld, "the server is in use: held by \(other)") }
    }

    func unlock() { state.withLock { $0.lockedBy = nil } }
    package var isLocked: Bool { state.withLock { $0.lockedBy != nil } }

    package var questions: Int { state.withLock { $0.questions } }

    // MARK: What happens to it behind lifeboat's back

    package func goesDown(_ isDown: Bool = true) { state.withLock { $0.isDown = isDown } }
    package func lacks(_ lack: Failure?) { state.withLock { $0.lack = lack } }
    package func isReplaced(by system: String?) { state.withLock { $0.system = system } }
    package func somebody(_ change: (inout [String: [Int]]) -> Void) { state.withLock { Self.change(&$0, change) } }
}

/// The servers that a configuration can name, by host.
package final class MemoryMachines: Sendable {
    private let servers: Mutex<[String: MemoryServer]>

    package init() { servers = Mutex([:]) }

    package subscript(host: String) -> MemoryServer? {
        get { servers.withLock { $0[host] } }
        set { servers.withLock { $0[host] = newValue } }
    }
}
