import Bindings
import Recovery
import Synchronization

/// Runs pg_restore on one dump for one database.
struct PgRestore: Sendable {
    let tool: PostgresTool
    /// The dump's folder, as `place` names it.
    let dump: String
    let target: PostgresTarget
    let database: String
    let jobs: Int
    /// Tablespaces are disks of one server; a disposable one has none of them.
    let withoutTablespaces: Bool
    let place: any ToolPlace
    let parameters: PostgresParameters
    /// What its sessions are called.
    let sessionName: String
    let say: @Sendable (String) -> Void

    /// The table of contents of these sections, in the order in which they are restored.
    func list(_ sections: [String]) async throws -> DumpList {
        let file = "list-\(randomHex(4))"
        let outcome = try await place.commands.run(
            CommandSpec(
                tool.path, ["--list", "--file=\(place.folder.path)/\(file)"] + sections.map { "--section=\($0)" } + [dump],
                environment: ["LC_ALL": "C.UTF-8"]))
        guard outcome.succeeded else { throw failure(outcome, cannot: "read the table of contents of \(dump)") }
        do {
            let list = DumpList(String(decoding: try await place.folder.read(file, limit: 1 << 30), as: UTF8.self))
            await place.folder.remove(file)
            return list
        } catch let error as FileError {
            throw Failure(.localStorage, "cannot read the table of contents of \(dump)", cause: error)
        }
    }

    /// Restores these entries and nothing else. Returns what pg_restore warned of.
    func restore(_ entries: [DumpList.Entry], _ what: String, oneByOne: Bool = false) async throws -> [String] {
        guard !entries.isEmpty else { return [] }
        let file = "use-\(randomHex(4))"
        let lines = entries.map { $0.line + "\n" }.joined()
        do { try await place.folder.write(file, Array(lines.utf8)) } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot write the list of what is restored", hint: "check the disk of \(place.folder.path)", cause: error)
        }
        let warnings = Mutex<[String]>([])
        let progress = RestoreProgress(entries, what, say)
        let outcome: CommandOutcome
        do {
            outcome = try await run(
                using: file, jobs: oneByOne ? 1 : jobs, warnings: { line in warnings.withLock { $0.append(line) } }, progress)
        } catch {
            await stopSessions()
            throw error
        }
        await place.folder.remove(file)
        guard outcome.succeeded else {
            await stopSessions()
            let serverIsGone = await !target.answers()
            throw failure(
                outcome, cannot: "restore \(what) of database '\(database)' on \(target.server.words)", serverIsGone: serverIsGone)
        }
        return warnings.withLock { $0 }
    }

    private func run(
        using list: String, jobs: Int, warnings: @escaping @Sendable (String) -> Void, _ progress: RestoreProgress
    ) async throws -> CommandOutcome {
        var parameters = parameters
        parameters.applicationName = sessionName
        // What is set for the database or the account must not stop its own restore.
        let options = "\(PostgresServer.unlimited) -c default_transaction_read_only=off"
        return try await PostgresLogin.use(parameters, password: target.binding.address.password, in: place.folder, options: options) {
            login in
            var arguments = ["--exit-on-error", "--no-password", "--verbose", "--jobs=\(jobs)", "--use-list=\(place.folder.path)/\(list)"]
            if withoutTablespaces { arguments.append("--no-tablespaces") }
            let command = CommandSpec(tool.path, arguments + ["--dbname=\(login.connection)", dump], environment: login.environment)
            return try await place.commands.run(command) { line in
                if line.hasPrefix("pg_restore: warning: ") { warnings(String(line.dropFirst("pg_restore: warning: ".count))) }
                progress.take(line)
            }
        }
    }

    /// The server works on for a while when the program that asked is gone.
    private func stopSessions() async {
        await uncancelled { await target.endSessions(in: database, named: sessionName) }
    }

    private func failure(_ outcome: CommandOutcome, cannot attempt: String, serverIsGone: Bool = false) -> Failure {
        let words = Self.firstError(in: outcome.errors)
        let (kind, hint) = Self.judge(words ?? "", serverIsGone: serverIsGone)
        return Failure(kind, "cannot \(attempt): pg_restore \(outcome.words)", hint: hint, cause: words.map { Failure(kind, $0) })
    }

    /// pg_restore's own words for what stopped it. Not the statement that failed: it may hold data, or a password.
    static func firstError(in errors: String) -> String? {
        let lines = errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("pg_restore: error: ") }) else {
            return lines.last { !$0.isEmpty }
        }
        let rest = lines[(start + 1)...].prefix { !$0.hasPrefix("pg_restore: ") && !$0.hasPrefix("Command was: ") && !$0.isEmpty }
        var words = ([String(lines[start].dropFirst("pg_restore: error: ".count))] + rest).joined(separator: "; ")
        if let entry = lines[..<start].last(where: { $0.hasPrefix("pg_restore: from TOC entry ") }) {
            words += " (at entry \(entry.dropFirst("pg_restore: from TOC entry ".count)))"
        }
        return words
    }

    /// What pg_restore says when the connection is gone differs with what it was doing; so the server is asked as well.
    private static func judge(_ words: String, serverIsGone: Bool) -> (Failure.Kind, String?) {
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        if serverIsGone || PostgresTool.lostConnection.contains(where: { words.contains($0) }) {
            return (.unreachable, "the server or the way to it went away meanwhile; its log says why. Then begin the recovery again")
        }
        if PreloadedLibraries.isMissed(in: words) { return (.engine, PreloadedLibraries.advice) }
        if says("No space left on device") { return (.engine, "the server's disk is full: make room, then begin the recovery again") }
        if says("could not read from input file", "could not uncompress", "unexpected end of file", "corrupt", "invalid compressed data") {
            return (.damaged, "choose another backup; `lifeboat backups verify` proves them")
        }
        return (.engine, "correct the cause, then begin the recovery again, from the drop of what is half restored")
    }
}

/// Tells how far pg_restore has come, out of what it says when it is verbose, and not more often than is of use.
private final class RestoreProgress: Sendable {
    private let total: Int
    private let what: String
    private let say: @Sendable (String) -> Void
    private let done = Mutex(0)

    init(_ entries: [DumpList.Entry], _ what: String, _ say: @escaping @Sendable (String) -> Void) {
        total = entries.count(where: Self.counts)
        self.what = what
        self.say = say
    }

    private static func counts(_ entry: DumpList.Entry) -> Bool { types.contains(entry.type) }
    private static let types: Set<String> = ["TABLE DATA", "INDEX", "CONSTRAINT", "FK CONSTRAINT", "MATERIALIZED VIEW DATA"]

    func take(_ line: String) {
        // In parallel it says "finished item 3350 TABLE DATA books", alone "processing data for table" and "creating INDEX".
        let isEnd = Self.types.contains { line.hasPrefix("pg_restore: finished item ") && line.contains(" \($0) ") }
        let isBegin =
            line.hasPrefix("pg_restore: processing data for table") || Self.types.contains { line.hasPrefix("pg_restore: creating \($0) ") }
        guard isEnd || isBegin else { return }
        let count = done.withLock { done in
            done += 1
            return done
        }
        if count == total || count % max(1, total / 20) == 0 { say("\(what): \(min(count, total)) of \(total)") }
    }
}
