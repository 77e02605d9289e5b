import Bindings
import Recovery

/// Looks for PostgreSQL's own programs inside a container.
struct ContainerTools: Sendable {
    let containers: any ToolContainers
    let container: String

    /// Its PATH first, then the usual folders. Debian's `pg_wrapper` is no program: it chooses one by rules of its own.
    private static let script = """
        for p in "$(command -v "$1")" /usr/lib/postgresql/*/bin/"$1" /usr/local/pgsql/bin/"$1" /usr/pgsql-*/bin/"$1"; do
            [ -x "$p" ] || continue
            case "$(readlink -f "$p")" in */pg_wrapper) continue;; esac
            printf '%s\\t%s\\n' "$p" "$("$p" --version)"
        done
        """

    func all(_ name: String) async throws -> [PostgresTool] {
        let place = try await containers.open(container)
        let outcome: Result<CommandOutcome, any Error>
        do { outcome = .success(try await place.commands.run(CommandSpec("sh", ["-c", Self.script, "sh", name]))) } catch {
            outcome = .failure(error)
        }
        await uncancelled { await place.close() }
        return String(decoding: try outcome.get().output, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let version = PostgresVersion(saidBy: String(parts[1])) else { return nil }
            return PostgresTool(path: String(parts[0]), version: version, container: container)
        }
    }
}

/// How programs that run inside a server's own container log in to it.
///
/// A target's address is as this machine sees it: a published port, another name. Inside it is the loopback and the server's own port,
/// and it is proven that the same server answers there before anything is read from it or written to it.
struct InsideLogin: Sendable {
    let server: PostgresServer
    let place: any ToolPlace
    let tool: PostgresTool

    /// - Parameter session: one of ours to the server.
    func parameters(database: String, through session: PostgresConnection) async throws -> PostgresParameters {
        var parameters = try server.parameters(database: database)
        guard let container = place.container else { return parameters }
        let known = try await attempt("ask \(server.words) for its port") {
            try await session.ask("SELECT current_setting('port'), \(Self.started)").rows.first
        }
        guard let known, known.count == 2, let port = known[0].flatMap({ Int($0) }), let started = known[1] else {
            throw Failure(.engine, "\(server.words) does not say on which port it listens")
        }
        (parameters.host, parameters.port) = ("127.0.0.1", port)
        // Certificates are for the name outside; nothing leaves the container.
        parameters.sslMode = .prefer
        (parameters.sslRootCert, parameters.sslCert, parameters.sslKey) = (nil, nil, nil)
        try await prove(parameters, started, container)
        return parameters
    }

    /// To the microsecond: no two servers began together.
    private static let started = "pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())::pg_catalog.text"

    private func prove(_ parameters: PostgresParameters, _ started: String, _ container: String) async throws {
        let psql = "\(tool.path.dropLast(tool.name.count))psql"
        let outcome = try await PostgresLogin.use(parameters, password: server.binding.address.password, in: place.folder) { login in
            try await place.commands.run(
                CommandSpec(
                    psql, ["-X", "-A", "-t", "-w", "-c", "SELECT \(Self.started)", "--dbname=\(login.connection)"],
                    environment: login.environment))
        }
        guard outcome.succeeded else {
            throw Failure(
                .unreachable,
                "cannot log in to \(server.words) from inside container '\(container)', at \(parameters.host):\(parameters.port): "
                    + "psql \(outcome.words)",
                hint: "`container:` names the container that the server itself runs in; its pg_hba.conf has to let "
                    + "'\(parameters.user)' in from \(parameters.host)",
                cause: outcome.errors.isEmpty ? nil : Failure(.unreachable, String(outcome.errors.suffix(500))))
        }
        let answer = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
        guard answer == started else {
            throw Failure(
                .configuration, "the server inside container '\(container)' is not \(server.words)",
                hint: "correct `container:` or `url:` of the target: both have to lead to the same server")
        }
    }
}
