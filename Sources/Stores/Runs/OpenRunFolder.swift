import Bindings
import Recovery
import Synchronization

/// One run's folder while the run is ours.
final class OpenRunFolder: RunFolder {
    let path: String
    private let words: JournalWords
    private struct State {
        /// Nil after `close`.
        var files: (journal: AppendFile, lock: FileLock)?
        /// Bytes of whole lines.
        var size: Int64
        /// Up to where the disk has promised room.
        var reserved: Int64 = 0
    }
    private let state: Mutex<State>

    static let largestJournal = 512 << 20
    /// Enough for what a run has to write after the disk is full: the end of the step, `always`, the end.
    static let room: Int64 = 1 << 20

    static func journal(in path: String) -> String { path + "/journal.jsonl" }
    static func scratch(in path: String) -> String { path + "/scratch" }

    init(path: String, journal: AppendFile, lock: FileLock, words: JournalWords, size: Int64) {
        self.path = path
        self.words = words
        state = Mutex(State(files: (journal, lock), size: size))
    }

    func append(_ line: [UInt8]) async throws {
        let whole = line.last == UInt8(ascii: "\n") ? line : line + [UInt8(ascii: "\n")]
        try await working("write to the journal in \(path)") { state, journal in
            do {
                try journal.append(whole)
                try journal.sync()
            } catch {
                // What is there of the line would be a torn line in the middle, were the run to go on.
                try? journal.truncate(to: state.size)
                state.reserved = 0
                throw error
            }
            state.size += Int64(whole.count)
            // The next line's room. If there is none any more, the promised room is still there for the end.
            if state.reserved - state.size < Self.room / 2 { try? Self.reserve(journal, &state) }
        }
    }

    func read() async throws -> [UInt8] {
        try await working("read the journal in \(path)") { [path] _, _ in
            try Files.read(Self.journal(in: path), limit: Self.largestJournal)
        }
    }

    func truncate(to bytes: Int64) async throws {
        try await working("cut the torn end off the journal in \(path)") { state, journal in
            try journal.truncate(to: bytes)
            try journal.sync()
            state.size = bytes
            try Self.reserve(journal, &state)
        }
    }

    func write(_ name: String, _ bytes: [UInt8]) async throws {
        guard StoreKey.isComponent(name, inRoot: false), name != "journal.jsonl", name != "lock", name != "scratch" else {
            throw Failure(.bug, "'\(name)' cannot be a file beside a journal")
        }
        try await working("write \(name) into \(path)") { [path] _, _ in try Files.replace("\(path)/\(name)", bytes) }
    }

    func scratch() async throws -> String {
        let scratch = Self.scratch(in: path)
        try await working("make a folder for temporary files in \(path)") { _, _ in
            if try Files.status(of: scratch)?.kind != .folder { try Files.makeFolder(scratch) }
        }
        return scratch
    }

    func removeScratch() async throws {
        let scratch = Self.scratch(in: path)
        try await working("remove the temporary files in \(path)") { _, _ in _ = try Files.removeTree(scratch) }
    }

    func close() async {
        await blocking { _ in
            self.state.withLock { state in
                // Room that was not needed is given back.
                try? state.files?.journal.truncate(to: state.size)
                state.files?.lock.release()
                state.files = nil
            }
        }
    }

    func discard() async {
        await blocking { _ in
            // What stays of it is no run: it has no first event.
            _ = try? Files.removeTree(self.path)
        }
        await close()
    }

    /// Blocks.
    func reserve() throws {
        try state.withLock { state in
            if let journal = state.files?.journal { try Self.reserve(journal, &state) }
        }
    }

    private static func reserve(_ journal: AppendFile, _ state: inout State) throws {
        try journal.reserve(room)
        state.reserved = state.size + room
    }

    private func working<Result: Sendable>(
        _ attempt: String, _ body: @escaping @Sendable (inout State, AppendFile) throws -> Result
    ) async throws -> Result {
        try await words.journalling(attempt) {
            try self.state.withLock { state in
                guard let journal = state.files?.journal else { throw Failure(.bug, "cannot \(attempt): the run was closed before") }
                return try body(&state, journal)
            }
        }
    }
}
