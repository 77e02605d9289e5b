package import Bindings
package import Documents

/// `lifeboat.yaml`: targets, applications, stores, policies and who is told.
package struct ConfigurationDocument: DocumentMapping {
    package static let fields = Fields(
        Field.optional("targets", as: Keyed<Name, TargetDocument>.self, default: .empty, "servers that are captured and recovered"),
        Field.optional("apps", as: Keyed<Name, AppDocument>.self, default: .empty, "applications that runbooks stop and start"),
        Field.optional("stores", as: Keyed<Name, StoreDocument>.self, default: .empty, "where backups live"),
        Field.optional(
            "policies", as: Keyed<Name, PolicyDocument>.self, default: .empty, "what is captured, where to, and how fresh it has to be"),
        Field.optional("contacts", as: Keyed<Name, ContactDocument>.self, default: .empty, "whom to call"),
        Field.optional("alerts", as: Keyed<Name, AlertDocument>.self, default: .empty, "who is told"),
        Field.optional("servers", as: DrillServersDocument.self, default: .standard, "how the disposable servers of drills are made"),
        Field.optional("tools", as: [String].self, default: [], "folders with database tools, searched before PATH"),
        Field.maybe("state", as: String.self, "folder for journals and reports"),
        Field.maybe("locks", as: String.self, "host-wide folder for locks"))

    package let targets: Keyed<Name, TargetDocument>
    package let apps: Keyed<Name, AppDocument>
    package let stores: Keyed<Name, StoreDocument>
    package let policies: Keyed<Name, PolicyDocument>
    package let contacts: Keyed<Name, ContactDocument>
    package let alerts: Keyed<Name, AlertDocument>
    package let servers: DrillServersDocument
    package let tools: [String]
    package let state: String?
    package let locks: String?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (targets, apps, stores, policies, contacts, alerts, servers, tools, state, locks) = try Self.fields.read(node, reading)
    }

    /// Reads and checks the whole document; throws everything that is wrong with it at once, names that fit nothing among it.
    package static func read(
        _ document: Document, _ reading: Reading = .plain, engines: [String]
    ) throws(InvalidDocument) -> ConfigurationDocument {
        let problems = ConfigurationNames(document, reading).problems(engines: engines)
        return try document.read(as: ConfigurationDocument.self, reading, alongside: problems)
    }

    /// With no configuration there are no targets and no stores, and drills have nothing to restore.
    package static let empty = ConfigurationDocument()

    private init() {
        targets = .empty
        apps = .empty
        stores = .empty
        policies = .empty
        contacts = .empty
        alerts = .empty
        servers = .standard
        tools = []
        state = nil
        locks = nil
    }
}

package struct TargetDocument: DocumentMapping {
    package static let fields = Fields(
        Field.required("engine", as: EngineWord.self, "postgres or qdrant"),
        Field.maybe("stage", as: Stage.self, "how careful one has to be; production when left out"),
        Field.required(
            "url", as: String.self, limit: .notEmpty,
            "address without a password: `postgres://backup@db.internal/app`, `https://qdrant.internal:6333`"),
        Field.maybe("password", as: SecretReference.self, "password of the user in the address"),
        Field.maybe("api_key", as: SecretReference.self, "key of a server that knows keys instead of users (Qdrant)"),
        Field.maybe("token", as: SecretReference.self, "the same as a bearer token, for servers that want one (Qdrant's JWT)"),
        Field.maybe(
            "source_key", as: SecretReference.self,
            "key that the server shows where it fetches snapshots from (`location:` of qdrant.recover-snapshot)"),
        Field.optional(
            "nodes", as: [String].self, default: [],
            "addresses of the other nodes of a cluster, each of which is captured (Qdrant keeps what a node holds in that node's snapshots)"
        ),
        Field.maybe("recover_as", as: RecoveryLogin.self, "who recoveries log in as; used by run and restore only"),
        Field.maybe(
            "container", as: ContainerName.self,
            "the container that the server runs in: its own programs (pg_dump, pg_restore, psql) are used there, through the engine's API, "
                + "and reach it at 127.0.0.1"),
        Field.maybe(
            "storage", as: FolderPath.self,
            "the folder on this machine that the server keeps everything in, for `way: storage` and for qdrant.stage-storage (Qdrant)"))

    package let engine: EngineWord
    package let stage: Stage?
    package let url: String
    package let password: SecretReference?
    package let apiKey: SecretReference?
    package let token: SecretReference?
    package let sourceKey: SecretReference?
    package let nodes: [String]
    package let recoverAs: RecoveryLogin?
    package let container: ContainerName?
    package let storage: FolderPath?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (engine, stage, url, password, apiKey, token, sourceKey, nodes, recoverAs, container, storage) = try Self.fields.read(node, reading)
        if [password, apiKey, token].compactMap({ $0 }).count > 1 {
            throw InvalidDocument("a target has one of `password:`, `api_key:` and `token:`", at: node)
        }
        if url.contains(/:\/\/[^\/@]*:[^\/@]*@/) {
            throw InvalidDocument(
                "the address holds a password", hint: "leave it out there and refer to it: `password: {env: NAME}`", at: node)
        }
    }
}

package struct RecoveryLogin: DocumentMapping {
    package static let fields = Fields(
        Field.maybe("user", as: String.self, limit: .notEmpty, "user name"),
        Field.maybe("password", as: SecretReference.self, "its password"),
        Field.maybe("api_key", as: SecretReference.self, "key of a server that knows keys instead of users"),
        Field.maybe("token", as: SecretReference.self, "the same as a bearer token"))

    package let user: String?
    package let password: SecretReference?
    package let apiKey: SecretReference?
    package let token: SecretReference?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (user, password, apiKey, token) = try Self.fields.read(node, reading)
        let ways = [user != nil, apiKey != nil, token != nil].filter { $0 }.count
        guard ways == 1, user != nil || password == nil else {
            throw InvalidDocument(
                "whoever recovers logs in by `user:` (with `password:`), `api_key:` or `token:`, and by one of them only", at: node)
        }
    }
}

package enum StoreDocument: Union {
    case directory(String)

    package static let variants = OneOf<StoreDocument>(
        .key("directory", as: String.self, limit: .notEmpty, "a folder on this machine") { .directory($0) })
}

package struct PolicyDocument: DocumentMapping {
    package static let fields = Fields(
        Field.required("targets", as: Keyed<Name, PolicyTarget>.self, "what is captured, as one recovery set"),
        Field.required("store", as: Located<Name>.self, "where the backups go"),
        Field.maybe("keep", as: KeepRules.self, "which backups stay; all of them when left out"),
        Field.maybe("expect", as: Expectations.self, "how fresh and how large backups have to be"),
        Field.optional("timeout", as: Duration.self, default: .seconds(24 * 3600), limit: .positive, "how long one backup may take"),
        Field.maybe("notify", as: Located<Name>.self, "the alert that is told when a backup of the policy fails"))

    package let targets: Keyed<Name, PolicyTarget>
    package let store: Located<Name>
    package let keep: KeepRules?
    package let expect: Expectations?
    package let timeout: Duration
    package let notify: Located<Name>?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (targets, store, keep, expect, timeout, notify) = try Self.fields.read(node, reading)
    }
}

package struct PolicyTarget: DocumentMapping {
    package static let fields = Fields(
        shorthand: "runbook",
        Field.maybe("runbook", as: String.self, "path of the runbook that restores it, relative to the configuration"),
        Field.maybe(
            "jobs", as: Int.self, limit: .range(1...64),
            "how many tables are dumped and counted at a time, each over a connection of its own; of ArangoDB how many answers are read at a time; 2 when left out"
        ),
        Field.maybe(
            "compression", as: DumpCompression.self,
            "how the dump is packed; gzip:6 when left out, of ArangoDB gzip:5 and nothing but gzip. lz4 and zstd need pg_dump 16 or newer that was built with them"
        ),
        Field.maybe(
            "fingerprint", as: [ContentPattern].self, limit: .atLeast(1),
            "tables (every row whole) and columns whose content is hashed too, so that postgres.verify names what has changed in value: "
                + "`public.loans`, `public.books.title`, `lending.*`; of Qdrant `points`: every point, whole"),
        Field.maybe("collections", as: CollectionOptionsDocument.self, "which collections, and how (Qdrant; of ArangoDB which ones)"),
        Field.maybe(
            "tool", as: CaptureTool.self,
            "`arangodump`: ArangoDB's own program makes the dump, if it is installed; lifeboat does when left out"))

    package let runbook: String?
    package let capture: CaptureOptions

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (runbook, jobs, compression, fingerprint, collections, tool) = try Self.fields.read(node, reading)
        self.runbook = runbook
        capture = CaptureOptions(
            jobs: jobs, compression: compression, fingerprint: fingerprint ?? [], collections: collections?.options ?? .standard,
            tool: tool)
    }
}

package struct Expectations: DocumentMapping {
    package static let fields = Fields(
        Field.maybe("every", as: Duration.self, limit: .positive, "how often a backup is taken"),
        Field.maybe("max_age", as: Duration.self, limit: .positive, "how old the newest recovery point may be"),
        Field.maybe("min_size", as: ByteSize.self, "smaller than this is implausible"),
        Field.maybe("size_change", as: Percent.self, "how much the size may differ from the backups before"),
        Field.maybe("proven_within", as: Duration.self, limit: .positive, "how old the newest proof by a drill may be"))

    package let every: Duration?
    package let maxAge: Duration?
    package let minSize: ByteSize?
    package let sizeChange: Percent?
    package let provenWithin: Duration?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (every, maxAge, minSize, sizeChange, provenWithin) = try Self.fields.read(node, reading)
        if let every, let maxAge, maxAge < every {
            throw InvalidDocument(
                "a backup every \(every.canonical) cannot always be younger than \(maxAge.canonical)",
                hint: "let `max_age` be longer than `every` by the time that a backup takes", at: node)
        }
    }
}

package struct ContactDocument: DocumentMapping {
    package static let fields = Fields(
        Field.required("name", as: String.self, limit: .notEmpty, "who it is"),
        Field.maybe("phone", as: SecretReference.self, "number, by reference"),
        Field.maybe("mail", as: String.self, "mail address"))

    package let name: String
    package let phone: SecretReference?
    package let mail: String?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (name, phone, mail) = try Self.fields.read(node, reading) }
}

package enum AlertDocument: Union {
    case webhook(SecretReference)
    case command([String])

    package static let variants = OneOf<AlertDocument>(
        .key("webhook", as: SecretReference.self, "address that takes a JSON message; whoever knows it can post, so it is a secret") {
            .webhook($0)
        },
        .key("command", as: [String].self, limit: .atLeast(1), "program and arguments; the message is its standard input") { .command($0) })
}
