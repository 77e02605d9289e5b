import Bindings
import Recovery

/// The lock that every lifeboat on every host sees: an advisory lock in database `postgres`, on a session of its own.
///
/// Backups share it, recoveries have it alone. It is not waited for. The server lets it go when the session ends, however
/// that happens.
actor PostgresLock {
    /// "lifeboat" in ASCII.
    static let key: Int64 = 0x6c69_6665_626f_6174

    /// Says of a row `l` of `pg_locks` that it is this lock. A key of 64 bits is shown there in two halves.
    static let isOurs = "l.locktype = 'advisory' AND l.objsubid = 1 AND (l.classid::bigint << 32) | l.objid::bigint = \(key)"

    /// How long a session that bears our own name is waited for: that of an earlier life of the same run, whose end the server has not
    /// noticed yet.
    private static let patience: Duration = .seconds(10)

    private let server: PostgresServer
    private let time: any TimeSource
    private var session: PostgresConnection?

    init(_ server: PostgresServer, time: any TimeSource) {
        self.server = server
        self.time = time
    }

    /// Throws `Failure(.lockHeld)` that names who has it.
    func take(_ mode: LockMode, as holder: String) async throws {
        let session = try await openSession(as: holder)
        let function = mode == .shared ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock"
        let end = time.uptime + Self.patience
        try await attempt("lock \(server.words)") {
            while true {
                let answer = try await session.ask("SELECT \(function)($1::bigint)", [.text("\(Self.key)")])
                if answer.rows.first?.first == "t" { return }
                let holders = try await holders(session)
                let areEarlierLives = holders.allSatisfy { $0.name == PostgresServer.sessionName(for: holder) }
                guard areEarlierLives, time.uptime < end else { throw held(by: holders) }
                try await time.sleep(for: .milliseconds(20))
            }
        }
    }

    private func held(by holders: [Holder]) -> Failure {
        let words = holders.isEmpty ? "it has ended this very moment" : holders.map(\.words).joined(separator: ", ")
        return Failure(
            .lockHeld, "another lifeboat is at work on \(server.words): \(words)",
            hint: "wait until it has ended; a session whose program is gone is ended with SELECT pg_terminate_backend(PID)")
    }

    /// The server process behind the lock's session, while there is one.
    func process() async -> Int32? {
        guard let session, await !session.isBroken else { return nil }
        return await session.backendPID
    }

    func release() async {
        await session?.close()
        session = nil
    }

    private func openSession(as holder: String) async throws -> PostgresConnection {
        if let session, await !session.isBroken { return session }
        let name = PostgresServer.sessionName(for: holder)
        let opened: PostgresConnection
        do {
            opened = try await server.connect(to: PostgresServer.maintenance, as: name)
        } catch let failure as Failure where (failure.cause as? PostgresError)?.sqlState == "3D000" {
            // Somebody has removed it. Every lifeboat sees the same, so all of them meet in the next one.
            opened = try await server.connect(to: "template1", as: name)
        }
        session = opened
        return opened
    }

    private struct Holder {
        let name: String?
        let words: String
    }

    private func holders(_ session: PostgresConnection) async throws -> [Holder] {
        let answer = try await session.ask(
            """
            SELECT l.pid, nullif(a.application_name, ''), host(a.client_addr),
                   to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
            WHERE \(Self.isOurs) AND l.granted AND l.pid <> pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ORDER BY l.pid
            """)
        return answer.rows.map { row in
            let host = row[2].map { " from \($0)" } ?? ""
            let since = row[3].map { ", since \($0)" } ?? ""
            return Holder(
                name: row[1], words: "\(row[1] ?? "a session without a name") (server process \(row[0] ?? "unknown")\(host)\(since))")
        }
    }
}

extension PostgresServer {
    /// `lifeboat 20261120T020000Z-monthly-4f1c9a`, with the middle left out when it is longer than the server's 63 bytes.
    static func sessionName(for holder: String) -> String {
        let name = "lifeboat \(holder)"
        guard name.utf8.count > 63 else { return name }
        let ascii = String(name.unicodeScalars.map { $0.isASCII ? Character($0) : "?" })
        return ascii.utf8.count > 63 ? "\(ascii.prefix(52))...\(ascii.suffix(8))" : ascii
    }
}
