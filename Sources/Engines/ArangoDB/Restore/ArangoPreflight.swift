import Recovery

/// Whether a server can take what a backup holds of a database: told before anything is dropped.
struct ArangoPreflight: Sendable {
    private let backup: BackupInHand
    private let database: String
    /// Nil: all of them.
    private let collections: [String]?
    private let isDrop: Bool

    /// - Parameters:
    ///   - database: what it is called in the backup.
    ///   - isDrop: all of the database is about to go, so the backup has to hold all of it.
    init(_ backup: BackupInHand, _ database: String, collections: [String]? = nil, isDrop: Bool = false) {
        (self.backup, self.database, self.collections, self.isDrop) = (backup, database, collections, isDrop)
    }

    /// Throws `Failure(.unfit)`, `.refused`.
    func check(on target: ReadableArango) async throws {
        if let failure = try await ofBackup() { throw failure }
        if let failure = try await ofServer(target) { throw failure }
    }

    func lacks(on target: ReadableArango) async throws -> [Lack] {
        if let failure = try await ofBackup() { return [.fatal(failure)] }
        return try await ofServer(target).map { [.fatal($0)] } ?? []
    }

    private func ofBackup() async throws -> Failure? {
        do {
            let known = try await ArangoBackup.read(backup)
            let held = try known.database(database, of: backup)
            for collection in collections ?? [] { _ = try known.collection(collection, in: database, of: backup) }
            guard isDrop, held.isPartial else { return nil }
            return Failure(
                .unfit,
                "backup \(backup.manifest.id) holds some collections of database '\(database)' only, and all of it would be dropped",
                hint: "drop the collections that it holds one by one (arangodb.drop-collection), or choose another backup")
        } catch let failure as Failure where failure.kind == .unfit { return failure }
    }

    /// Newer dumps name what older servers do not know, and those pass over some of it without a word (contract 11, 13).
    private func ofServer(_ target: ReadableArango) async throws -> Failure? {
        let version = try await target.ready().version
        if let source = ArangoVersion(backup.manifest.engineVersion), (version.major, version.minor) < (source.major, source.minor) {
            return Failure(
                .unfit,
                "backup \(backup.manifest.id) was made by ArangoDB \(source), and \(target.server.words) is \(version): an older server leaves out what it does not know",
                hint: "restore onto ArangoDB \(source.major).\(source.minor) or later")
        }
        if let source = ArangoVersion(backup.manifest.engineVersion), version < source, try await ArangoBackup.read(backup).hasVectorIndexes
        {
            return Failure(
                .unfit,
                "backup \(backup.manifest.id) has vector indexes of ArangoDB \(source), and \(target.server.words) is \(version), which may pass over them without a word",
                hint: "restore onto ArangoDB \(source.numbers) or later")
        }
        guard try await target.isReadOnly() else { return nil }
        return Failure(.refused, "\(target.server.words) is read-only", hint: ArangoMeaning.all[1004]?.hint)
    }
}
