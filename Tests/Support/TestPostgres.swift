import Bindings
import Foundation
import Recovery
import Synchronization

/// A PostgreSQL server for tests: its own data folder, loopback, a random port, TLS if asked for. It is gone when the tests
/// end, whatever way they end.
package final class TestPostgres: Sendable {
    /// The superuser, in database `postgres`.
    package let parameters: PostgresParameters
    /// The certificate that signs the server's, with `tls`.
    package let certificate: String
    package let postmaster: Int32
    /// The folder of the server's own programs, with `pg_dump` and `pg_restore` of its version.
    package let programs: String
    /// The superuser's, for those programs.
    package let password: Secret
    private let folder: String
    private let guardian: Guardian

    /// Why there can be no server here, for `.requires`; nil if there can.
    package static var missing: String? { binaries(tls: false) == nil ? missing("no PostgreSQL") : nil }
    package static var missingTLS: String? { binaries(tls: true) == nil ? missing("no PostgreSQL with TLS") : nil }

    /// The same for tests that need pgvector, which servers started here have if there is one.
    package static var missingVectors: String? {
        guard let binaries = binaries(tls: false) else { return missing }
        // Beside the programs in the wheel; Debian has versioned folders under /usr/share.
        let shares = ["\(binaries)/../share/postgresql", "\(binaries.replacingOccurrences(of: "/lib/", with: "/share/"))/.."]
        let found = shares.contains { FileManager.default.fileExists(atPath: "\($0)/extension/vector.control") }
        return found ? nil : missing("no pgvector with the PostgreSQL")
    }

    private static func missing(_ what: String) -> String {
        "there is \(what) in /usr/lib/postgresql, nor named by the environment; run the tests with `make test` or `scripts/env swift test`"
    }

    /// One server for all tests of this process that do not disturb it.
    package static func shared() async throws -> TestPostgres { try await Shared.only.server(of: nil) }

    /// The same of a certain version: one of `allPrograms`.
    package static func shared(of programs: String) async throws -> TestPostgres { try await Shared.only.server(of: programs) }

    /// The program folders of all versions here.
    package static var allPrograms: [String] {
        let given = ProcessInfo.processInfo.environment["LIFEBOAT_POSTGRES_BINS"] ?? ""
        let folders = given.split(separator: ":").map(String.init)
        return folders.isEmpty ? [binaries(tls: false)].compactMap { $0 } : folders
    }

    /// A server of one's own, stopped when nobody holds it any longer.
    package static func start(tls: Bool = false, of programs: String? = nil) async throws -> TestPostgres {
        guard let binaries = programs ?? binaries(tls: tls) else { throw Unavailable(reason: (tls ? missingTLS : missing) ?? "") }
        var lastError: any Error = Unavailable(reason: "")
        // The port may be taken.
        for _ in 0..<5 {
            do {
                return try await blocking { _ in try TestPostgres(binaries, tls: tls, port: Int.random(in: 20000...32000)) }
            } catch {
                lastError = error
            }
        }
        throw lastError
    }

    package struct Unavailable: Error { package let reason: String }

    private init(_ binaries: String, tls: Bool, port: Int) throws {
        folder = FileManager.default.temporaryDirectory.path + "/lifeboat-postgres-\(UUID().uuidString)"
        let password = UUID().uuidString
        programs = binaries
        self.password = Secret(password)
        guardian = Guardian()
        let answer = try guardian.start(arguments: [binaries, folder, String(port), password, tls ? "on" : "off"])
        guard let postmaster = Int32(answer) else {
            throw Unavailable(reason: "PostgreSQL did not start: \(answer)")
        }
        self.postmaster = postmaster
        certificate = folder + "/server.crt"
        parameters = PostgresParameters(
            host: "127.0.0.1", port: port, user: "postgres", password: password, database: "postgres", sslMode: .disable)
    }

    /// Runs these statements, each by itself, and returns the first value of the last answer.
    @discardableResult
    package func ask(_ statements: String..., in database: String) async throws -> String? {
        var parameters = parameters
        parameters.database = database
        let connection = try await PostgresConnection.connect(parameters)
        do {
            var value: String?
            for statement in statements { value = try await connection.query(statement).rows.first?.first ?? nil }
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Ends the server at once and waits until it is gone.
    package func stop() async {
        let guardian = guardian
        await blocking { _ in guardian.stop() }
    }

    /// What this server wrote into its log so far.
    package var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    private static func binaries(tls: Bool) -> String? {
        let given = ProcessInfo.processInfo.environment[tls ? "LIFEBOAT_POSTGRES_TLS_BIN" : "LIFEBOAT_POSTGRES_BIN"]
        if let given, !given.isEmpty { return given }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap { Int($0) }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    }

    private actor Shared {
        static let only = Shared()
        private var starting: [String?: Task<TestPostgres, any Error>] = [:]

        func server(of programs: String?) async throws -> TestPostgres {
            let task = starting[programs] ?? Task { try await TestPostgres.start(of: programs) }
            starting[programs] = task
            return try await task.value
        }
    }
}

/// A shell that holds the server, and ends it when its standard input does: with us, at the latest.
private final class Guardian: Sendable {
    private struct Running {
        let process: Process
        let input: Pipe
    }
    private let running = Mutex<Running?>(nil)

    private static let script = """
        trap '' INT TERM HUP
        bin=$1 folder=$2 port=$3 tls=$5
        umask 077
        mkdir "$folder" && cd "$folder" || exit 1
        finish() { "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1; cd /; rm -rf "$folder"; }
        printf %s "$4" > password
        {
            "$bin/initdb" -D data -U postgres --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C.UTF-8 --no-sync &&
            { [ $tls = off ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \\
                -keyout server.key -out server.crt -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1; } &&
            cat >> data/postgresql.conf <<END &&
        listen_addresses = '127.0.0.1'
        port = $port
        unix_socket_directories = '$folder'
        fsync = off
        max_connections = 200
        ssl = $tls
        ssl_cert_file = '$folder/server.crt'
        ssl_key_file = '$folder/server.key'
        END
            "$bin/pg_ctl" -D data -l log -w start
        } >setup 2>&1 || { tail -n 3 setup log 2>/dev/null | tr '\\n' ' '; echo; finish; exit 1; }
        [ $tls = off ] || chmod 711 . && [ $tls = off ] || chmod 644 server.crt
        head -n 1 data/postmaster.pid
        exec >/dev/null
        cat
        finish
        """

    /// The server refuses to run as root.
    private static let asAnotherUser: [String] = {
        let accounts = (try? String(contentsOfFile: "/etc/passwd", encoding: .utf8)) ?? ""
        let (user, group) = accounts.contains("\npostgres:") ? ("postgres", "postgres") : ("nobody", "nogroup")
        return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
    }()

    /// Returns the first line that the script writes: the server's process, or what went wrong.
    func start(arguments: [String]) throws -> String {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let shell = ["/bin/sh", "-c", Self.script, "guardian"] + arguments
        let command = (NSUserName() == "root" ? Self.asAnotherUser : []) + shell
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        running.withLock { $0 = Running(process: process, input: input) }
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), let byte = byte.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    func stop() {
        let ended = running.withLock { running in
            defer { running = nil }
            return running
        }
        try? ended?.input.fileHandleForWriting.close()
        ended?.process.waitUntilExit()
    }

    deinit { stop() }
}
