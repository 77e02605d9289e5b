import Bindings
import Documents
import Recovery

/// Captures one database: a dump in directory format and the inventory of the very same snapshot, exact counts included.
///
/// A session of ours exports its snapshot, reads the catalog, locks all tables against changes of their definition, and stays open until
/// pg_dump, which imports the snapshot, has ended. Nothing on the server is changed.
package struct PostgresCapture: Sendable {
    package struct Options: Sendable {
        /// Tables that pg_dump reads at a time, and connections that count. At least 1.
        package var jobs: Int
        package var compression: DumpCompression
        /// How long somebody else's lock on a table is waited for.
        package var lockTimeout: Duration
        package var fingerprints: Fingerprints

        package init(
            jobs: Int = Self.standardJobs, compression: DumpCompression = DumpCompression(.gzip, level: 6),
            lockTimeout: Duration = .seconds(60), fingerprints: Fingerprints = .none
        ) {
            self.jobs = max(1, jobs)
            self.compression = compression
            self.lockTimeout = lockTimeout
            self.fingerprints = fingerprints
        }

        /// As a policy wants it.
        /// Throws `Failure(.configuration)` for what PostgreSQL cannot do.
        init(_ options: CaptureOptions, target: String) throws {
            if let refusal = Self.refusals(of: options, target: target).first { throw refusal.failure }
            self.init(jobs: options.jobs ?? Self.standardJobs, fingerprints: Fingerprints(options.fingerprint.map(\.text)))
            if let compression = options.compression { self.compression = compression }
        }

        static func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
            var refusals = CaptureOptions.Refusal.ofTool(options, target: target)
            if options.fingerprint.contains(where: { $0.text == ContentPattern.points }) {
                refusals.append(
                    .init(
                        .fingerprint, "the policy wants fingerprints of points in target '\(target)', and PostgreSQL has none",
                        hint: "name tables or columns: `public.loans`, `public.books.title`"))
            }
            if options.collections != .standard, options.collections != CollectionOptions(takesPrivate: true) {
                refusals.append(
                    .init(
                        .collections, "the policy chooses collections of target '\(target)', and PostgreSQL has none",
                        hint: "leave out `collections:`"))
            }
            return refusals
        }

        private static let standardJobs = 2
    }

    private let server: PostgresServer
    private let tools: PostgresTools
    private let commands: any CommandRunner
    private let time: any TimeSource
    private let options: Options

    package init(
        _ server: PostgresServer, tools: PostgresTools, commands: any CommandRunner, time: any TimeSource, options: Options = Options()
    ) {
        self.server = server
        self.tools = tools
        self.commands = commands
        self.time = time
        self.options = options
    }

    /// Throws `Failure`: `.toolMissing` without a pg_dump that is new enough, `.localStorage` when the store's disk is known to be too
    /// small, `.engine` that names the table when one cannot be read, is locked or was dropped meanwhile, `.unreachable` when the server
    /// goes away. What was written until then is left in the work folder.
    package func capture(_ database: String, into sink: any CaptureSink) async throws -> Captured {
        var sessions: [PostgresConnection] = []
        let outcome: Result<Captured, any Error>
        do {
            for _ in 0...options.jobs {
                sessions.append(try await server.connect(to: database, options: "-c default_transaction_read_only=on"))
            }
            outcome = .success(try await capture(database, through: sessions[0], counters: Array(sessions.dropFirst()), into: sink))
        } catch {
            outcome = .failure(error)
        }
        let open = sessions
        await uncancelled { for session in open { await session.close() } }
        return try outcome.get()
    }

    private func capture(
        _ database: String, through keeper: PostgresConnection, counters: [PostgresConnection], into sink: any CaptureSink
    ) async throws -> Captured {
        let version = PostgresVersion(number: await keeper.serverVersion)
        let tool = try await tools.client("pg_dump", forServer: version.major)
        let place = try await tools.place(for: tool, folder: sink.workFolder, commands: commands)
        let outcome: Result<Captured, any Error>
        do {
            outcome = .success(try await capture(database, version, with: tool, at: place, through: keeper, counters: counters, into: sink))
        } catch {
            outcome = .failure(error)
        }
        await uncancelled { await place.close() }
        return try outcome.get()
    }

    private func capture(
        _ database: String, _ version: PostgresVersion, with tool: PostgresTool, at place: any ToolPlace,
        through keeper: PostgresConnection, counters: [PostgresConnection], into sink: any CaptureSink
    ) async throws -> Captured {
        let parameters = try await InsideLogin(server: server, place: place, tool: tool).parameters(database: database, through: keeper)
        // Before hours are spent on counting.
        try await CompressionSupport(tool: tool, commands: place.commands).check(options.compression)
        // Before the snapshot: what was committed earlier is surely in it.
        let before = time.now
        let snapshot = try await PostgresSnapshot.begin(on: keeper, lockTimeout: options.lockTimeout)
        let catalog = try await PostgresFacts.catalog(keeper)
        try await checkRoom(for: catalog, in: sink.workFolder)
        try await snapshot.lock(catalog.filter { $0.kind == "table" }.map(\.name))
        var items = try await PostgresFacts.counted(
            catalog, snapshot, counters: counters, fingerprints: options.fingerprints, say: { sink.progress($0) })

        let dump = PgDump(tool: tool, server: server, database: database, options: options, place: place, parameters: parameters)
        let warnings = try await dump.run(snapshot: snapshot.id, into: sink) { sink.progress($0) }
        try await snapshot.proveAlive()

        let moment = RecoveryMoment(inventory: items, before: before)
        let idle = options.fingerprints.idle(in: items).map {
            "fingerprint: '\($0)' is the name of no table and no column, so it compares nothing"
        }
        for words in idle { sink.progress(words) }
        items += Self.notes(warnings + moment.notes + Self.remarks(items) + idle)
        try await hand(items, over: sink)
        var source = SourceIdentity(engine: .postgres, address: server.binding.address.text, system: nil, database: database)
        source.system = items.first { $0.kind == "server" }?.facts["system identifier"]
        return Captured(
            engineVersion: version.description, standIn: false, source: source, recoveryPoint: moment.recoveryPoint,
            totals: Self.totals(items), problems: PgDump.problems(in: warnings))
    }

    private func hand(_ items: [InventoryItem], over sink: any CaptureSink) async throws {
        let folder = "\(sink.workFolder)/\(PostgresExamine.folder)"
        let roles = "\(sink.workFolder)/roles.sql"
        let files: [String]
        do {
            files = try await blocking { _ throws(FileError) in
                try Files.create(roles, Array(PostgresRoles.script(items).utf8))
                return try Files.list(folder).map(\.name)
            }
        } catch {
            throw Failure(
                .localStorage, "cannot write the backup's files in \(sink.workFolder)", hint: "check the disk of the store", cause: error)
        }
        for file in files { try await sink.adopt(file: "\(folder)/\(file)", as: "\(PostgresExamine.folder)/\(file)") }
        try await sink.adopt(file: roles, as: "roles.sql")
        try await sink.record(items)
    }

    // MARK: Room

    /// A dump seldom packs better than ten to one; uncompressed text is seldom smaller than half of its table.
    private func checkRoom(for catalog: [InventoryItem], in folder: String) async throws {
        let tables = catalog.filter { $0.kind == "table" }.reduce(0) { $0 + $1.bytes }
        let least = tables / (options.compression.method == .none ? 2 : 10)
        // Somebody who has to make room looks for the store, not for our folder in it.
        let place = folder.split(separator: "/.").first.map(String.init) ?? folder
        guard let space = await blocking({ _ in try? Files.space(at: folder) }), space.availableBytes < least else { return }
        throw Failure(
            .localStorage,
            "there is no room for a dump of \(ByteSize(tables)) of tables: it needs \(ByteSize(least)) at the very least, and the disk of "
                + "\(place) has \(ByteSize(space.availableBytes)) left",
            hint: "make room there, or let old backups go with `lifeboat backups prune`")
    }

    // MARK: What is told

    private static func totals(_ items: [InventoryItem]) -> [String: Int64] {
        let tables = items.filter { $0.kind == "table" }
        var totals: [String: Int64] = ["tables": Int64(tables.count), "rows": tables.reduce(0) { $0 + ($1.count ?? 0) }]
        totals["large objects"] = items.first { $0.kind == "large objects" }?.count
        totals["bytes"] = items.first { $0.kind == "server" }?.facts["database bytes"].flatMap { Int64($0) }
        return totals
    }

    private static func remarks(_ items: [InventoryItem]) -> [String] {
        let isStandby = items.isOfStandby
        return items.compactMap { item in
            if item.kind == "table", item.facts["persistence"] == "unlogged" {
                return isStandby
                    ? "\(item.subject) is unlogged: a standby has none of its rows, so they are not in the backup"
                    : "\(item.subject) is unlogged: its rows are in the backup, and the server empties it after a crash"
            }
            if item.kind == "index", item.facts["valid"] == "no" { return "\(item.subject) is invalid, and dumps leave out such indexes" }
            return nil
        }
    }

    private static func notes(_ texts: [String]) -> [InventoryItem] {
        texts.enumerated().map { InventoryItem(kind: "note", name: "\($0 + 1)", facts: ["text": $1]) }
    }
}
