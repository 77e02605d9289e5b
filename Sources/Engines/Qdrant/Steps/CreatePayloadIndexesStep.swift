import Bindings
import Documents
import Recovery

/// Registers the payload indexes that a collection had, and looks whether they are there.
struct CreatePayloadIndexesStep: Step {
    static let kind = "qdrant.create-payload-indexes"
    static let summary =
        "Register the payload indexes that the collection had: a recover into a created collection does not, and the next snapshot would lack them."
    static let phase = Phase.index
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.required("like", as: Name.self, literal: true, "role of the backup that says which")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let like: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, like) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        self.like = like.text
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([like, scope.backupRole].compactMap { $0 }).sorted()) }
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let known = try await reading.backups.knownOf(like)
        return try await scope.members(reading.backups).flatMap { member in
            (known?.indexes[member.nameInBackup] ?? [:]).keys.sorted().map {
                Effect(
                    .create, ObjectName(target: target.binding.name, kind: "payload index", name: "\(member.name)/\($0)"),
                    .known(count: nil, unit: nil, bytes: nil))
            }
        }
    }

    /// What the server shows may come from inside of the segments, and not be registered.
    func reconcile(reading: StepReading) async throws -> Reconciliation { .unknown }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let backup = try context.backup(like)
        let known = try await QdrantBackup.read(backup)
        var result = StepResult(exercised: false)
        for member in try await scope.members(context.backups) {
            _ = try known.collection(member.nameInBackup, of: backup)
            guard try await target.readable.hasCollection(member.name, to: "index") else {
                throw Failure(.engine, "there is no collection '\(member.name)' on \(target.server.words)")
            }
            let indexes = known.indexes[member.nameInBackup] ?? [:]
            for (field, schema) in indexes.sorted(by: { $0.key < $1.key }) {
                context.services.say("indexing '\(field)' of '\(member.name)'")
                try await target.client.createIndex(field, schema, in: member.name)
                result.exercised = true
            }
            let found = try await target.client.info(member.name)?.payloadIndexes ?? [:]
            result.checks += PayloadIndexes.compare(indexes, found, in: member.name)
            result.notes.append(
                indexes.isEmpty ? "'\(member.name)' had no payload index" : "\(indexes.count) payload indexes of '\(member.name)'")
        }
        return result
    }
}

/// Payload indexes as a backup has them, beside those of a server.
enum PayloadIndexes {
    static func compare(_ expected: [String: JSONValue], _ actual: [String: JSONValue], in collection: String) -> [CheckResult] {
        Set(expected.keys).union(actual.keys).sorted().map { field in
            CheckResult(
                "payload index \(collection)/\(field)", "definition", expected: expected[field].map(words) ?? "none",
                actual: actual[field].map(words) ?? "none")
        }
    }

    /// `"keyword"` and `{"type":"keyword"}` are one.
    private static func words(_ schema: JSONValue) -> String {
        if let name = schema.string { return name }
        let members = schema.withoutNulls.members ?? []
        if members.count == 1, let name = members[0].value.string, members[0].key == "type" { return name }
        return JSONValue.object(members).text(.canonical)
    }
}
