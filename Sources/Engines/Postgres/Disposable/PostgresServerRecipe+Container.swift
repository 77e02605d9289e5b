import Bindings
import Recovery

/// The same server in a container, by the contract of the official images.
extension PostgresServerRecipe {
    package func containerPlan(in place: ContainerPlace) async throws -> ContainerPlan {
        ContainerPlan(
            image: try imageName(),
            environment: [
                Self.passwordVariable: place.password, "POSTGRES_USER": Secret(Self.superuser),
                "POSTGRES_INITDB_ARGS": Secret("--encoding=UTF8 --locale=C.UTF-8 --no-sync"),
            ], passwordVariable: Self.passwordVariable, port: 5432,
            // Its entry point gives the data folder to the account that the server then becomes.
            capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
            // Parallel index builds share memory there, and Docker's 64 MB are soon used up.
            sharedMemory: 1 << 30,
            login: ServerAddress(
                host: "", port: 0, user: Self.superuser, password: place.password, database: PostgresServer.maintenance,
                options: ["sslmode": "disable"]))
    }

    package func settle(_ address: ServerAddress) async throws {
        let parameters = PostgresParameters(
            host: address.host, port: address.port, user: address.user ?? Self.superuser, password: address.password?.reveal { $0 },
            database: address.database ?? PostgresServer.maintenance, sslMode: .disable)
        do {
            let session = try await PostgresConnection.connect(parameters)
            // What an image preloads (for its extensions) stays as it is. Names and values are ours.
            for (name, value) in Self.carelessness {
                _ = try await session.query("ALTER SYSTEM SET \(name) = '\(value)'", deadline: Self.patience)
                // Each of the others would be written through to the disk.
                if name == "fsync" { _ = try await session.query("SELECT pg_reload_conf()", deadline: Self.patience) }
            }
            _ = try await session.query("SELECT pg_reload_conf()", deadline: Self.patience)
            await session.close()
        } catch let error as PostgresError {
            throw error.kind == .cancelled
                ? CancellationError() : Failure(error, cannot: "set up the server that was started at \(address.text)")
        }
    }

    private static let passwordVariable = "POSTGRES_PASSWORD"

    /// For each setting: a small file that is written through to the disk.
    private static let patience = Duration.seconds(30)

    /// Durability costs time and buys nothing here; and nothing is to run beside what the drill times. All take effect without a restart.
    private static let carelessness = [
        ("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("max_wal_size", "4GB"),
        ("checkpoint_timeout", "1h"), ("autovacuum", "off"), ("jit", "off"), ("maintenance_work_mem", "128MB"),
        ("log_min_error_statement", "panic"), ("log_statement", "none"),
    ]

    /// An image with all the extensions. Docker Hub's `postgres` has those of PostgreSQL itself, `pgvector/pgvector` also `vector`.
    private func imageName() throws -> String {
        let tag = major.map { "\($0)" }
        if let image {
            guard image.hasSuffix(":from-backup") else { return image }
            guard let tag else {
                throw Failure(.document, "the image '\(image)' takes its tag from a backup, and this server holds none", hint: "name a tag")
            }
            return image.dropLast("from-backup".count) + tag
        }
        let foreign = extensions.filter { !Self.contrib.contains($0) }
        switch foreign {
        case []: return "postgres:\(tag ?? "latest")"
        case ["vector"]: return "pgvector/pgvector:pg\(tag ?? "17")"
        default:
            throw Failure(
                .environmentUnavailable,
                "the backup needs \(foreign.joined(separator: ", ")), and lifeboat knows no image of PostgreSQL that has \(foreign.count == 1 ? "it" : "them")",
                hint: "name one that has, with `image:` at the server in the drill's `environment:`")
        }
    }

    /// What comes with PostgreSQL itself, in the versions 12 to 18 (its documentation, appendix F), and with the official images.
    private static let contrib: Set<String> = [
        "adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink", "dict_int", "dict_xsyn",
        "earthdistance", "file_fdw", "fuzzystrmatch", "hstore", "insert_username", "intagg", "intarray", "isn", "lo", "ltree",
        "moddatetime",
        "old_snapshot", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_logicalinspect", "pg_overexplain", "pg_prewarm",
        "pg_stat_statements", "pg_surgery", "pg_trgm", "pg_visibility", "pg_walinspect", "pgcrypto", "pgrowlocks", "pgstattuple", "plpgsql",
        "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn", "timetravel", "tsm_system_rows", "tsm_system_time", "unaccent",
        "uuid-ossp", "xml2",
    ]
}
