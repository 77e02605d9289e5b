/// What one backup of one target holds: `manifest.json`. A target without one does not exist.
///
/// Written once, never replaced. Facts learned later are notes beside it.
package struct Manifest: Sendable, Codable, Equatable {
    /// A manifest with a higher format is refused: it may mean something else by the same words.
    package static let currentFormat = 1

    package var format = Manifest.currentFormat
    /// `POLICY/SET/TARGET`.
    package var id: BackupID
    package var engine: EngineName
    /// The server's own version text: `16.14`.
    package var engineVersion: String
    /// The capture came from a stand-in of the engine.
    package var standIn: Bool
    package var lifeboatVersion: String
    package var host: String
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    /// The moment the backup restores to: nothing later is in it, nothing earlier is missing.
    package var recoveryPoint: Timestamp
    /// False when an object that was asked for could not be captured; `problems` says which.
    package var complete: Bool
    package var problems: [String]
    /// The objects that `problems` are about and that are not in the backup: all that is in it is whole. Nil when nobody can tell the whole
    /// ones from the others, as in a dump that is one piece.
    package var failed: [FailedObject]?
    /// Who the source was: engine, address, system identifier, database; for guarding and locking.
    package var source: SourceIdentity
    package var artifacts: [Artifact]
    /// Key of the artifact that lists what was inside.
    package var inventory: String
    /// The engine's own counts: `tables`, `rows`, `points`.
    package var totals: [String: Int64]
    package var runbook: RunbookReference?
    /// Of the manifest's other members in canonical form; set by `ManifestFile`.
    package var checksum: String?

    package init(
        id: BackupID, engine: EngineName, engineVersion: String, standIn: Bool, lifeboatVersion: String, host: String,
        startedAt: Timestamp, finishedAt: Timestamp, recoveryPoint: Timestamp, complete: Bool, problems: [String],
        failed: [FailedObject]? = nil, source: SourceIdentity, artifacts: [Artifact], inventory: String, totals: [String: Int64],
        runbook: RunbookReference?
    ) {
        self.id = id
        self.engine = engine
        self.engineVersion = engineVersion
        self.standIn = standIn
        self.lifeboatVersion = lifeboatVersion
        self.host = host
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.recoveryPoint = recoveryPoint
        self.complete = complete
        self.problems = problems
        self.failed = failed
        self.source = source
        self.artifacts = artifacts
        self.inventory = inventory
        self.totals = totals
        self.runbook = runbook
    }

    /// Bytes of all artifacts as they lie in the store.
    package var storedBytes: Int64 { artifacts.reduce(0) { $0 + $1.stored.bytes } }
}

/// `POLICY/SET/TARGET`, the path of a backup inside its store.
package struct BackupID: Sendable, Hashable, Codable, CustomStringConvertible {
    package let policy: String
    package let set: String
    package let target: String

    package init(policy: String, set: String, target: String) {
        self.policy = policy
        self.set = set
        self.target = target
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        self.init(policy: parts[0], set: parts[1], target: parts[2])
    }

    package var description: String { "\(policy)/\(set)/\(target)" }
    package var setPath: String { "\(policy)/\(set)" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = BackupID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a backup id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One file of a backup.
package struct Artifact: Sendable, Codable, Equatable {
    /// Path below the folder of the backup that owns it: `dump/toc.dat`.
    package let key: String
    /// The backup whose folder holds the bytes; nil for this one. Hard-linked and incremental backups point elsewhere.
    package let owner: BackupID?
    /// As the engine's tools see it, after `encodings` are undone.
    package let content: StoredObject
    /// As it lies in the store.
    package let stored: StoredObject
    /// What was done to the content, in order: empty, or `zstd`, `cms`.
    package let encodings: [String]

    package init(key: String, owner: BackupID? = nil, content: StoredObject, stored: StoredObject, encodings: [String] = []) {
        self.key = key
        self.owner = owner
        self.content = content
        self.stored = stored
        self.encodings = encodings
    }

    /// Its key in the store, for a backup with this id.
    package func storeKey(in backup: BackupID) -> String { "\(owner ?? backup)/\(key)" }
}

/// Who a server is, as far as it could be told. Two targets that agree in `system` and `database` are one, whatever they are called.
package struct SourceIdentity: Sendable, Codable, Equatable {
    package var engine: EngineName
    /// `host:port` or a socket's path, as configured.
    package var address: String
    /// What the engine itself calls this installation: Postgres' system identifier, Qdrant's peer id.
    package var system: String?
    package var database: String?

    package init(engine: EngineName, address: String, system: String?, database: String?) {
        self.engine = engine
        self.address = address
        self.system = system
        self.database = database
    }

    /// Keys under which everybody who touches this server locks it.
    package var lockKeys: [String] {
        var keys = ["\(engine)-at-\(address)"]
        if let system { keys.append("\(engine)-system-\(system)") }
        return keys
    }
}

/// The runbook that restores a backup, kept with it whole.
package struct RunbookReference: Sendable, Codable, Equatable {
    package let name: String
    package let sha256: String
    package let text: String

    package init(name: String, sha256: String, text: String) {
        self.name = name
        self.sha256 = sha256
        self.text = text
    }
}
