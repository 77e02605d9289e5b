import Bindings
import Recovery
import Synchronization

/// Runs pg_dump on one snapshot of one database.
struct PgDump: Sendable {
    let tool: PostgresTool
    let server: PostgresServer
    let database: String
    let options: PostgresCapture.Options
    let place: any ToolPlace
    let parameters: PostgresParameters

    /// Writes into `dump` below the sink's work folder. Returns what pg_dump warned of.
    func run(snapshot: String, into sink: any CaptureSink, say: @escaping @Sendable (String) -> Void) async throws -> [String] {
        let warnings = Mutex<[String]>([])
        let outcome = try await PostgresLogin.use(
            parameters, password: server.binding.address.password, in: place.folder, options: PostgresServer.unlimited
        ) { login in
            let milliseconds = options.lockTimeout / .milliseconds(1)
            let arguments = [
                "--format=directory", "--file=\(place.folder.path)/\(PostgresExamine.folder)", "--jobs=\(options.jobs)",
                "--snapshot=\(snapshot)",
                "--compress=\(CompressionSupport.argument(options.compression, for: tool.version))",
                "--lock-wait-timeout=\(Int(milliseconds))", "--no-password", "--verbose",
                "--dbname=\(login.connection)",
            ]
            return try await place.commands.run(CommandSpec(tool.path, arguments, environment: login.environment)) { line in
                if let warning = line.dropPrefix("pg_dump: warning: ") { warnings.withLock { $0.append(warning) } }
                if let table = line.dropPrefix("pg_dump: dumping contents of table ") { say("dumping \(table)") }
            }
        }
        guard outcome.succeeded else { throw failure(outcome) }
        try await place.fetch(PostgresExamine.folder, into: sink.workFolder)
        return warnings.withLock { $0 }
    }

    /// Warnings that mean that something is not in the dump.
    static func problems(in warnings: [String]) -> [String] { warnings.filter { $0.contains("not dumped") } }

    private func failure(_ outcome: CommandOutcome) -> Failure {
        let words = Self.firstError(in: outcome.errors)
        var (kind, hint) = Self.judge(words ?? "")
        // That says nothing of the server.
        if case .signalled = outcome.status {
            (kind, hint) = (.application, "somebody or something has killed it; the kernel does when memory runs out: see `dmesg`")
        }
        return Failure(
            kind, "cannot dump database '\(database)' on \(server.words): pg_dump \(outcome.words)", hint: hint,
            cause: words.map { Failure(kind, $0) })
    }

    /// pg_dump's own words for what stopped it, with the server's detail, without the query: it may be long, and is ours to no one.
    static func firstError(in errors: String) -> String? {
        let lines = errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("pg_dump: error: ") }) else { return lines.last { !$0.isEmpty } }
        let details = lines[(start + 1)...].prefix { !$0.hasPrefix("pg_dump: ") || $0.hasPrefix("pg_dump: detail: ") }.compactMap {
            $0.dropPrefix("pg_dump: detail: ")?.dropPrefix("Error message from server: ").map { $0.dropPrefix("ERROR:  ") ?? $0 }
        }
        return ([String(lines[start].dropFirst("pg_dump: error: ".count))] + details).joined(separator: ": ")
    }

    /// What kind of failure pg_dump's words tell of, and what is to be done.
    static func judge(_ words: String) -> (Failure.Kind, String?) {
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        if says("lock timeout", "could not obtain lock") {
            return (.engine, "somebody holds a lock on it; try again when that transaction has ended")
        }
        if says("does not exist", "could not open relation") {
            return (.engine, "it was dropped while the backup began; try again")
        }
        if says("permission denied", "row-level security") {
            return (.engine, "a backup reads everything: give its user pg_read_all_data and BYPASSRLS")
        }
        if says("worker process died unexpectedly") {
            return (
                .application,
                "something has killed it: the kernel when memory runs out (see `dmesg`), or a limit on the size of files (see `ulimit -f`)"
            )
        }
        if says("No space left on device", "Disk quota exceeded") { return (.localStorage, "make room on the disk of the store") }
        if lostConnection.contains(where: { words.contains($0) }) {
            return (.unreachable, "the server or the way to it went away meanwhile; its log says why")
        }
        return (.engine, nil)
    }

    /// The encoding is asked for right after the login, and "invalid" is what pg_dump calls any trouble with that; the snapshot is gone when
    /// the session that holds it is.
    private static let lostConnection = PostgresTool.lostConnection + ["invalid client encoding", "invalid snapshot"]
}

extension String {
    /// What follows the prefix; nil when it is not there.
    fileprivate func dropPrefix(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
