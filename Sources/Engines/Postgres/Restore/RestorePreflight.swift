import Bindings
import Documents
import Recovery

/// Whether a backup can be restored on a server at all: asked before a database is given up for it, and again before it is filled.
struct RestorePreflight: Sendable {
    let target: ReadablePostgres
    let tools: PostgresTools
    let backup: BackupInHand
    let known: PostgresBackup

    /// What will restore it. Throws `Failure` that says what is in the way: the first thing there is.
    ///
    /// - Parameters:
    ///   - replacing: bytes that become free before.
    ///   - scratch: for what has to be fetched to be looked at.
    func check(replacing: Int64, scratch: String, commands: any CommandRunner) async throws -> PostgresTool {
        guard backup.manifest.engine == .postgres else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) is a \(backup.manifest.engine) backup, '\(target.binding.name)' is postgres")
        }
        let version = try await target.version()
        try checkVersion(of: version)
        let contents = try await PostgresExamine.contents(of: backup, scratch: scratch)
        let tool = try await tools.client(
            "pg_restore", forServer: version.major, reading: contents.header.oldestReader)
        // Elsewhere the dump is fetched only when it is to be restored.
        if let dump = backup.localFolder(PostgresExamine.folder) {
            try await checkUnpacking(dump, with: tool, scratch, commands)
        }
        try await checkExtensions()
        try await checkRoles()
        try await checkRoom(replacing: replacing)
        return tool
    }

    private func checkUnpacking(_ dump: String, with tool: PostgresTool, _ scratch: String, _ commands: any CommandRunner) async throws {
        let place = try await tools.place(for: tool, folder: scratch, commands: commands)
        let outcome: Result<Void, any Error>
        do {
            // Its head says how the rest is packed.
            let folder = try await place.bring([PostgresExamine.tableOfContents], of: dump)
            outcome = .success(try await CompressionSupport(tool: tool, commands: place.commands).check(unpacking: folder, of: backup))
        } catch {
            outcome = .failure(error)
        }
        await uncancelled { await place.close() }
        try outcome.get()
    }

    /// Everything that is in the way, for a plan: without fetching anything. Throws when the server does not answer.
    func lacks(replacing: Int64, commands: any CommandRunner) async throws -> [Lack] {
        let version = try await target.version()
        var lacks: [Lack] = []
        func note(_ check: () async throws -> Void) async throws {
            do { try await check() } catch let failure as Failure {
                guard !failure.isWorthRetrying else { throw failure }
                lacks.append(.fatal(failure))
            }
        }
        try await note { try checkVersion(of: version) }
        try await note {
            let tool = try await tools.client("pg_restore", forServer: version.major)
            // A plan puts nothing into a container; what the program in there can unpack is tried right before the drop.
            guard tool.container == nil, let dump = backup.localFolder(PostgresExamine.folder) else { return }
            try await CompressionSupport(tool: tool, commands: commands).check(unpacking: dump, of: backup)
        }
        try await note { try await checkExtensions() }
        try await note { try await checkRoles() }
        if let needed = known.bytes, await target.freeBytes() == nil {
            lacks.append(
                .remark(
                    "whether \(target.server.words) has room for it is not known, since its disk cannot be seen from here; "
                        + "the database had \(ByteSize(needed))"))
        }
        try await note { try await checkRoom(replacing: replacing) }
        return lacks + (try await unloaded().map { .remark(Self.words(unloaded: $0)) })
    }

    /// Extensions of the backup whose library its server preloaded and this one does not. No reason to refuse: some do without.
    func unloaded() async throws -> [String] {
        let used = known.extensionsWithPreloadedLibrary
        guard !used.isEmpty else { return [] }
        let session = try await target.session(in: PostgresServer.maintenance)
        let loaded = try await attempt("ask \(target.server.words) what it preloads") {
            try await PreloadedLibraries.read(through: session)
        }
        guard let loaded else { return [] }
        return used.filter { !loaded.contains($0) }
    }

    private static func words(unloaded name: String) -> String {
        "the server does not preload the library of extension \(name), as the backup's server did; add it to shared_preload_libraries "
            + "and restart the server, or the extension may not be created or not work"
    }

    func checkVersion(of server: PostgresVersion) throws {
        guard let dump = PostgresVersion(backup.manifest.engineVersion), dump.major > server.major else { return }
        throw Failure(
            .unfit,
            "backup \(backup.manifest.id) is of PostgreSQL \(dump), and \(target.server.words) is PostgreSQL \(server): "
                + "a dump goes into the same version or a newer one",
            hint: "restore it on a server of version \(dump.major) or newer, or choose an older backup")
    }

    private func checkExtensions() async throws {
        let names = known.extensions.map(\.name)
        guard !names.isEmpty else { return }
        let session = try await target.session(in: PostgresServer.maintenance)
        let available = try await attempt("list the extensions of \(target.server.words)") {
            try await session.ask("SELECT name FROM pg_available_extensions").rows.compactMap { $0.first ?? nil }
        }
        let missing = Set(names).subtracting(available).sorted()
        guard !missing.isEmpty else { return }
        throw Failure(
            .toolMissing,
            "\(target.server.words) lacks extensions that backup \(backup.manifest.id) needs: \(missing.joined(separator: ", "))",
            hint: "install them on the server's machine (Debian: packages like postgresql-VERSION-NAME), then run it again")
    }

    /// A disposable server is given them; a real one is not changed beyond what the plan says.
    private func checkRoles() async throws {
        guard !target.binding.isDisposable else { return }
        let missing = try await target.missing(Set(known.roles.map(\.name)))
        guard !missing.isEmpty else { return }
        let statements = missing.map { "CREATE ROLE \((try? quoteIdentifier($0)) ?? $0) NOLOGIN;" }.joined(separator: " ")
        throw Failure(
            .engine,
            "\(target.server.words) lacks roles that own objects or hold rights in backup \(backup.manifest.id): \(missing.joined(separator: ", "))",
            hint: "create them as they were, or for now: \(statements)")
    }

    /// Only a server on this very machine lets us see its disk; elsewhere there is nothing to compare with.
    private func checkRoom(replacing: Int64) async throws {
        guard let needed = known.bytes, let free = await target.freeBytes(), free + replacing < needed else { return }
        throw Failure(
            .engine,
            "\(target.server.words) has no room for backup \(backup.manifest.id): \(ByteSize(free + replacing)) free, "
                + "the database had \(ByteSize(needed))",
            hint: "make room on the disk of the server's data folder")
    }
}

extension ReadablePostgres {
    /// Free bytes on the disk of the server's data folder; nil unless that folder is, beyond doubt, one of this machine.
    func freeBytes() async -> Int64? {
        guard ["127.0.0.1", "::1", "localhost"].contains(binding.address.host) || binding.address.host.hasPrefix("/"),
            let session = try? await session(in: PostgresServer.maintenance),
            let folder = try? await session.ask("SELECT current_setting('data_directory')").rows.first?.first ?? nil,
            let system = try? await PostgresServer.systemIdentifier(through: session)
        else { return nil }
        return await blocking { _ in
            // The control file begins with the system identifier. A container's folder may have the same path as one of ours.
            guard let head = try? Files.read("\(folder)/global/pg_control", from: 0, count: 8), head.count == 8,
                String(head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) == system,
                let space = try? Files.space(at: folder)
            else { return nil }
            return space.availableBytes
        }
    }
}
