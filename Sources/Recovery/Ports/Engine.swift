package import Documents

/// One kind of server that can be captured and recovered. Its own steps come with it.
package protocol Engine: Sendable {
    var name: EngineName { get }
    var steps: [any Step.Type] { get }
    /// How one says who one is to its servers.
    var login: LoginKind { get }
    /// Whether a recovery that is cut off may leave something on the server itself, which `sweep` then looks for.
    var leavesThingsOnServers: Bool { get }
    /// How a disposable server of this engine is run. `version` is what the drill asks for; without it the server is of the
    /// newest version among `backups`, those it will hold, or the newest there is. It is chosen to have what the backups
    /// need beside it (extensions). Whether there is one is told by the recipe.
    ///
    /// - Parameter image: for containers, instead of the engine's own; the tag `from-backup` stands for the version.
    func serverRecipe(version: String?, image: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe
    /// The address that a target's `url:` in the configuration stands for, without secrets. `Failure(.configuration)` for one
    /// that cannot be understood; `target` is named in the words.
    func address(url: String, target: String) throws -> ServerAddress
    /// What of a policy's options the engine cannot do, before anything is asked of a server; `capture` refuses the same.
    func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal]
    /// What is wrong with a place where identifiers are to be read on a target of this engine; for one whose readable targets are not
    /// `IdentifierReading`, everything is.
    func mistake(in place: IdentifierPlace) -> Mistake?
    /// The target behind a role. No input or output happens before it is asked for something.
    func target(_ binding: TargetBinding) -> any EngineTarget
    /// Reads a backup as only the engine can, without a server: table of contents, every block, counts.
    func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult]
    /// `RESTORE.txt`: how to restore with the engine's own tools on the day that lifeboat is gone.
    func instructions(for manifest: Manifest) -> String
    /// The address as applications expect it: `postgres://user:password@host:port/database`.
    func connectionURL(_ address: ServerAddress, database: String?) -> Secret
}

extension Engine {
    package var login: LoginKind { .user }
    package var leavesThingsOnServers: Bool { false }
    package func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] { [] }
    package func mistake(in place: IdentifierPlace) -> Mistake? {
        Mistake("lifeboat cannot list or look up the identifiers of \(name)", hint: "name places on targets of other engines")
    }
}

/// How one says who one is to a server.
package enum LoginKind: Sendable {
    /// By a name, out of the address, and a password.
    case user
    /// By a key that stands for itself.
    case key
}

/// What a role stands for in one run. A drill's are all `disposable`.
package enum TargetBinding: Sendable {
    case disposable(role: String, DisposableServer)
    case configured(role: String, ConfiguredTarget)

    package var role: String {
        switch self {
        case .disposable(let role, _), .configured(let role, _): role
        }
    }

    /// The name that plans, guards and reports use.
    package var name: String {
        switch self {
        case .disposable(_, let server): server.name
        case .configured(_, let target): target.name
        }
    }

    package var engine: EngineName {
        switch self {
        case .disposable(_, let server): server.engine
        case .configured(_, let target): target.engine
        }
    }

    package var address: ServerAddress {
        switch self {
        case .disposable(_, let server): server.address
        case .configured(_, let target): target.address
        }
    }

    /// The folder on this machine that the server keeps everything in, if that is known.
    package var storage: String? {
        switch self {
        case .disposable(_, let server): server.storage
        case .configured(_, let target): target.storage
        }
    }

    package var isDisposable: Bool {
        if case .disposable = self { true } else { false }
    }
}

/// A target out of the configuration, with its secrets resolved.
package struct ConfiguredTarget: Sendable {
    package let name: String
    package let engine: EngineName
    /// Nil counts as production.
    package let stage: Stage?
    package let address: ServerAddress
    /// The container that the server runs in, if its programs are to be used.
    package let container: String?
    /// The folder on this machine that it keeps everything in, if it was named.
    package let storage: String?

    package init(
        name: String, engine: EngineName, stage: Stage?, address: ServerAddress, container: String? = nil, storage: String? = nil
    ) {
        self.container = container
        self.storage = storage
        self.name = name
        self.engine = engine
        self.stage = stage
        self.address = address
    }
}

/// A target that can be read and not changed: what plans and guards are given.
package protocol ReadableTarget: Sendable {
    var binding: TargetBinding { get }
}

/// A target of one engine in one run: connections are opened when needed and kept until `close`.
package protocol EngineTarget: Sendable {
    var binding: TargetBinding { get }
    /// The same target through connections that cannot write.
    var reading: any ReadableTarget { get }
    /// The same for one plan: once it has not answered, for `silence` or a question of its own, it is not asked again, and whatever else
    /// the plan wants to know of it fails at once for that reason.
    func reading(afterSilence silence: Failure?) -> any ReadableTarget
    /// Who it is, read from the server. `Failure(.unreachable)` when it does not answer.
    func identity() async throws -> SourceIdentity
    /// What this machine lacks to capture the target and to restore onto it. Throws when the server does not answer.
    func lacks() async throws -> [Failure]
    /// Captures the whole target (the database its address names, or `object`) into `sink`. `Failure(.configuration)` when the options
    /// ask for what it cannot do.
    func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured
    /// What a drill of a backup of this target cannot try out, or will lack here, in words; empty when nothing is known of.
    func remarksOnDrills() async throws -> [String]
    /// Takes the lock that other hosts see, where the engine has one.
    func lockOnServer(_ mode: LockMode, as holder: String) async throws
    /// What dead runs have left on the server itself, under names that only we give; not of runs that are spared. And what dead captures
    /// have left there, out of the folders of notes that they kept.
    func leftovers(sparing isSpared: @Sendable (RunID) -> Bool, notes: [String]) async throws -> [Leftover]
    func remove(_ leftover: Leftover) async throws
    /// The same for what they have left beside the server on this machine, which is found whether the server answers or not.
    func leftoversHere(sparing isSpared: @Sendable (RunID) -> Bool) async throws -> [Leftover]
    func close() async
}

extension EngineTarget {
    package func lacks() async throws -> [Failure] { [] }
    package func remarksOnDrills() async throws -> [String] { [] }
    package func leftovers(sparing isSpared: @Sendable (RunID) -> Bool, notes: [String]) async throws -> [Leftover] { [] }
    package func leftoversHere(sparing isSpared: @Sendable (RunID) -> Bool) async throws -> [Leftover] { [] }
    package func remove(_ leftover: Leftover) async throws { throw Failure(.bug, "\(leftover.name) is nothing of this target's") }
}

/// Where a capture puts what it captures. Everything becomes visible together, when the manifest is published.
package protocol CaptureSink: Sendable {
    /// A folder on the store's own disk for files on their way in.
    var workFolder: String { get }
    /// Takes over a finished file under `workFolder` as an artifact with this key.
    func adopt(file path: String, as key: String) async throws
    /// Adds to the inventory.
    func record(_ items: [InventoryItem]) async throws
    func progress(_ words: String)
    /// A folder of its own for notes on what a server was asked to make: it outlives the capture, so that `sweep` can show it to the
    /// engine when this process is gone. Whoever asked for it removes it when the server has none of it any more.
    func makeNotesFolder() async throws -> String
    func removeNotesFolder(_ path: String) async throws
}

/// What the engine says of a capture it has finished.
package struct Captured: Sendable {
    package var engineVersion: String
    package var standIn: Bool
    package var source: SourceIdentity
    package var recoveryPoint: Timestamp
    package var totals: [String: Int64]
    /// Objects that could not be captured, in words; not empty makes the backup incomplete.
    package var problems: [String]
    /// Of an engine whose objects are captured each on its own: those that are not in the backup. What the inventory lists is whole then.
    package var failed: [FailedObject]?

    package init(
        engineVersion: String, standIn: Bool, source: SourceIdentity, recoveryPoint: Timestamp, totals: [String: Int64], problems: [String],
        failed: [FailedObject]? = nil
    ) {
        self.engineVersion = engineVersion
        self.standIn = standIn
        self.source = source
        self.recoveryPoint = recoveryPoint
        self.totals = totals
        self.problems = problems
        self.failed = failed
    }
}

/// A backup that a run uses under a role.
package struct BackupInHand: Sendable {
    package let role: String
    package let manifest: Manifest
    package let manifestSHA256: String
    package let chosen: String
    package let store: any ReadableStore
    private let inventories: any InventoryOpening

    package init(
        role: String, manifest: Manifest, manifestSHA256: String, chosen: String, store: any ReadableStore,
        inventories: any InventoryOpening
    ) {
        self.role = role
        self.manifest = manifest
        self.manifestSHA256 = manifestSHA256
        self.chosen = chosen
        self.store = store
        self.inventories = inventories
    }

    package func inventory() async throws -> any InventoryReading {
        try await inventories.open(key: "\(manifest.id)/\(manifest.inventory)", in: store)
    }

    /// Where the artifacts under `folder` lie on this machine, readable by tools; nil when they must be fetched first.
    package func localFolder(_ folder: String) -> String? { store.localPath(of: "\(manifest.id)/\(folder)") }
}

/// Opens the compressed file that an inventory is.
package protocol InventoryOpening: Sendable {
    func open(key: String, in store: any ReadableStore) async throws -> any InventoryReading
    /// Starts a new inventory at a local path.
    func create(at path: String) async throws -> any InventoryWriting
}

package protocol InventoryWriting: Sendable {
    func write(_ item: InventoryItem) async throws
    /// The file is whole and on disk when this returns.
    func close() async throws
}
