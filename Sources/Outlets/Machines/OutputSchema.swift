import Documents

/// What commands print with `--json`, beside the result of a run, which `ResultSchema` describes. Each is an object whose member `schema`
/// says which of these it obeys. A change that a reader could notice gets a new number.
package enum OutputSchema: String, CaseIterable, Sendable {
    case check, plan, backups, manifests, verification, mark, prune, doctor, images, sweep, lint, results, abandoned, reference, help,
        version, snapshots, dumps, failure

    /// What stands in the output's member `schema`.
    package var name: String { "lifeboat.\(rawValue)/1" }

    /// JSON Schema, draft 2020-12. Throws when our own texts are not JSON, which a test would show.
    package func text() throws -> String {
        let members = members
        let shape = Shape.object([("schema", .constant(.string(name)))] + members.required, optional: members.optional)
        let shared = try JSONValue(parsing: ResultSchema.text)
        // The definitions of the result are used here too; whole results are a schema of their own inside this one.
        let definitions = (shared["$defs"]?.members ?? []).map { (name: $0.key, schema: JSONSchema($0.value.members ?? [])) }
        let whole = self == .results ? [(name: "result", schema: JSONSchema(shared.members ?? []))] : definitions
        return shape.document(id: "urn:lifeboat:schema:\(rawValue):1", title: title, definitions: whole).text(.pretty)
    }

    /// Which command prints it.
    private var title: String {
        switch self {
        case .check: "What `lifeboat check` found"
        case .plan: "What a run would do: `lifeboat plan`"
        case .backups: "What there is: `lifeboat backups list`"
        case .manifests: "Backups as their manifests describe them: `lifeboat backup`, `lifeboat backups show`"
        case .verification: "Whether a backup is as it was: `lifeboat backups verify`"
        case .mark: "What was written on a set: `lifeboat backups pin`, `unpin`, `delete`"
        case .prune: "What retention did, or would do: `lifeboat backups prune`"
        case .doctor: "What is there and what is missing: `lifeboat doctor`"
        case .images: "The container images that drills need: `lifeboat images list`, `pull`, `save`, `load`"
        case .sweep: "What dead runs left behind: `lifeboat sweep`"
        case .lint: "Mistakes in documents: `lifeboat lint`"
        case .results: "Results of several drills: `lifeboat drill A B`"
        case .abandoned: "A run whose journal could not be read and was set aside: `lifeboat abandon`"
        case .reference: "What steps there are: `lifeboat reference`"
        case .help: "What commands there are: `lifeboat help`"
        case .version: "Which lifeboat this is: `lifeboat version`"
        case .snapshots: "What snapshot files hold: `lifeboat qdrant verify-snapshot`"
        case .dumps: "What dumps of ArangoDB hold: `lifeboat arangodb verify-dump`"
        case .failure: "Why a command could not do its work"
        }
    }

    private typealias Members = (required: [(String, JSONSchema)], optional: [(String, JSONSchema)])

    private var members: Members {
        switch self {
        case .check:
            ([("checkedAt", Shape.time), ("state", Shape.checkState), ("items", .array(of: Shape.checkItem))], [])
        case .plan: (Shape.plan, [("duration", Shape.expectation)])
        case .backups: ([("backups", .array(of: Shape.listedBackup))], [])
        case .manifests: ([("manifests", .array(of: Shape.manifest))], [("set", Shape.recoverySet)])
        case .verification:
            ([("backup", .string()), ("sound", .boolean), ("checks", .array(of: .reference("#/$defs/check")))], [])
        case .mark: ([("set", .string()), ("action", .choice(of: ["pinned", "unpinned", "deleted"]))], [])
        case .prune: ([("reports", .array(of: Shape.pruneReport))], [])
        case .doctor: ([("findings", .array(of: Shape.finding))], [])
        case .images:
            (
                [("images", .array(of: Shape.image))],
                [("loaded", .array(of: .string())), ("file", .string()), ("bytes", Shape.count)]
            )
        case .sweep: ([("dryRun", .boolean), ("leftovers", .array(of: Shape.leftover))], [])
        case .lint: ([("files", .array(of: Shape.lintedFile))], [])
        case .results: ([("results", .array(of: .reference(ResultSchema.id)))], [])
        case .abandoned: ([("run", .string()), ("journal", .string())], [])
        case .reference: ([("steps", .array(of: Shape.texts(["step", "summary", "reference"])))], [])
        case .help: ([("commands", .array(of: Shape.command))], [])
        case .version: ([("version", .string())], [])
        case .snapshots: ([("files", .array(of: Shape.snapshot))], [])
        case .dumps: ([("dumps", .array(of: Shape.dump))], [])
        case .failure:
            ([("failure", Shape.failure), ("exitCode", .integer(0...255))], [("mistakes", .array(of: Shape.mistake))])
        }
    }
}
