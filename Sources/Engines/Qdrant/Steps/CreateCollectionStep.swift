import Bindings
import Documents
import Recovery

/// Creates a collection as it was, or as it is written here.
struct CreateCollectionStep: Step {
    static let kind = "qdrant.create-collection"
    static let summary =
        "Create a collection with the whole configuration out of the backup, or as written; what is expected of its vectors is asserted."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.maybe("like", as: Name.self, literal: true, "role of the backup whose configuration it gets, every part of it"),
        Field.maybe("config", as: YAMLNode.self, "the body of Qdrant's create call, instead: `{vectors: {size: 384, distance: Cosine}}`"),
        Field.maybe(
            "expect", as: ExpectedVectors.self,
            "what the operator believes of the vectors; anything else is refused before the collection is created")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let like: String?
    private let config: JSONValue?
    private let expect: ExpectedVectors?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, like, config, expect) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        self.like = like?.text ?? allOf?.text
        self.config = config?.json
        self.expect = expect
        guard (self.like == nil) != (self.config == nil) else {
            throw InvalidDocument("a collection is made as it was (`like:`) or as it is written (`config:`), one of them", at: node)
        }
        if let config = self.config, let problem = Self.problem(with: config) {
            throw InvalidDocument(problem, hint: "a server would take it, and make a collection that holds no vectors", at: node)
        }
    }

    /// Keys of the create call in 1.19. A server takes any other without a word and ignores it (contract 1), which is how collections without
    /// vectors come to be.
    private static let known: Set<String> = [
        "vectors", "sparse_vectors", "shard_number", "sharding_method", "replication_factor", "write_consistency_factor", "on_disk_payload",
        "payload", "hnsw_config", "wal_config", "optimizers_config", "quantization_config", "strict_mode_config", "metadata",
    ]

    private static func problem(with config: JSONValue) -> String? {
        guard let members = config.members else { return "`config:` has to be a mapping" }
        if let unknown = members.first(where: { !known.contains($0.key) }) {
            return "`\(unknown.key)` is nothing that Qdrant's create call knows"
                + (known.sorted().suggestion(for: unknown.key).map { ": \($0)" } ?? "")
        }
        let hasVectors = config["vectors"].map { $0.members?.isEmpty == false } ?? false
        let hasSparse = config["sparse_vectors"].map { $0.members?.isEmpty == false } ?? false
        return hasVectors || hasSparse ? nil : "`config:` has neither vectors nor sparse vectors"
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([like, scope.backupRole].compactMap { $0 }).sorted()) }
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        return try await scope.members(reading.backups).map {
            Effect(
                .create, ObjectName(target: target.binding.name, kind: CapturedCollection.kind, name: $0.name),
                .known(count: nil, unit: nil, bytes: nil))
        }
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard let like, let backup = reading.backups[like] else { return [] }
        let known = try await QdrantBackup.read(backup)
        var lacks: [Lack] = []
        for member in try await scope.members(reading.backups) {
            do {
                try expect?.check(try configuration(of: try known.collection(member.nameInBackup, of: backup)), of: member.nameInBackup)
            } catch let failure as Failure {
                lacks.append(.fatal(failure))
            }
        }
        return lacks
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableQdrant.self)
        for member in try await scope.members(reading.backups) where try await target.meaning(of: member.name) != .collection {
            return .notDone
        }
        return reading.remembered[Self.ended] == nil ? .partial("a collection was being created") : .done
    }

    private static let ended = "ended"
    private static func began(_ name: String) -> String { "began \(name)" }

    private func configuration(of captured: CapturedCollection) throws -> CollectionConfiguration {
        do { return try CollectionConfiguration(captured.config) } catch {
            throw Failure(.damaged, "the configuration of collection '\(captured.name)' in the backup is none: \(error.words)")
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        var result = StepResult()
        var known: QdrantBackup?
        if let like { known = try await QdrantBackup.read(try context.backup(like)) }
        for member in try await scope.members(context.backups) {
            var (body, patch) = (config ?? .object([]), JSONValue?.none)
            if let known, let like {
                let backup = try context.backup(like)
                let captured = try known.collection(member.nameInBackup, of: backup)
                let configuration = try configuration(of: captured)
                if let problem = try RecoveryPreflight.problem(
                    with: captured, of: backup, on: try await target.client.root().version, anyVersion: true)
                {
                    throw problem
                }
                try expect?.check(configuration, of: member.name)
                (body, patch) = (configuration.createBody, configuration.patchBody)
            }
            result.notes += try await create(member.name, body, patch, on: target, context)
            result.checks += try await readBack(member.name, like: body, on: target)
        }
        try await context.remember(Self.ended, .flag(true))
        return result
    }

    private func create(
        _ name: String, _ body: JSONValue, _ patch: JSONValue?, on target: QdrantTarget, _ context: StepContext
    ) async throws -> [String] {
        if try await target.readable.hasCollection(name, to: "create") {
            // One of an attempt of ours that was cut off is made anew, as long as nobody has put anything in. Another's is not touched: with
            // it would go what it is also called.
            guard context.remembered[Self.began(name)] != nil,
                case .readable(let points) = try await target.readable.standing(of: name), points == 0
            else {
                throw Failure(
                    .refused, "collection '\(name)' is there already on \(target.server.words)",
                    hint: "drop it first (qdrant.drop-collection), or name another one")
            }
            try await SnapshotWatch(nodes: target.nodes, time: target.time, say: context.services.say).waitUntilIdle(
                name, before: "drop collection '\(name)'")
            _ = try await target.client.drop(name)
        }
        try await context.remember(Self.began(name), .flag(true))
        try await target.client.create(name, body)
        if let patch { try await target.client.patch(name, patch) }
        return ["created '\(name)'"]
    }

    /// What a server makes of a body it tells nobody but those who ask.
    private func readBack(_ name: String, like body: JSONValue, on target: QdrantTarget) async throws -> [CheckResult] {
        guard let info = try await target.client.info(name) else {
            throw Failure(.engine, "collection '\(name)' was created on \(target.server.words) and is not there")
        }
        let made: CollectionConfiguration
        do { made = try CollectionConfiguration(info.config) } catch {
            throw Failure(.engine, "\(target.server.words) describes collection '\(name)' in a way that cannot be read: \(error.words)")
        }
        guard !made.hasNoVectors else {
            throw Failure(
                .engine,
                "collection '\(name)' was created on \(target.server.words) without any vector: the server ignored what it was told",
                hint: "the server may be too old for this configuration; drop the collection again")
        }
        try expect?.check(made, of: name)
        let expected = (body["vectors"] ?? .object([])).canonicalVectors
        let actual = (info.params["vectors"] ?? .object([])).canonicalVectors
        return [
            CheckResult("collection \(name)", "vectors", expected: expected, actual: actual),
            CheckResult(
                "collection \(name)", "sparse vectors", expected: (body["sparse_vectors"] ?? .object([])).text(.canonical),
                actual: (info.params["sparse_vectors"] ?? .object([])).text(.canonical)),
        ]
    }
}

extension JSONValue {
    fileprivate var canonicalVectors: String { withoutNulls.text(.canonical) }
}

/// `expect:` of a step that creates a collection: `{size: 384, distance: Cosine}`, or by the name of a vector.
struct ExpectedVectors: DocumentMapping {
    static let fields = Fields(
        Field.maybe("size", as: Int.self, limit: .range(1...65536), "numbers per vector"),
        Field.maybe("distance", as: VectorDistance.self, "how vectors are compared"),
        Field.maybe("vector", as: String.self, "name of the vector; the unnamed one when left out"))

    private let size: Int?
    private let distance: VectorDistance?
    private let vector: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (size, distance, vector) = try Self.fields.read(node, reading) }

    /// Throws `Failure(.unfit)` when the collection is another one than the operator believes.
    func check(_ configuration: CollectionConfiguration, of collection: String) throws {
        guard let found = configuration.vectors.first(where: { $0.name == vector ?? "" }) else {
            let names = configuration.vectors.map { $0.name.isEmpty ? "the unnamed one" : "'\($0.name)'" }
            throw Failure(
                .unfit,
                "collection '\(collection)' has no \(vector.map { "vector '\($0)'" } ?? "unnamed vector"), which this runbook expects: it has \(names.isEmpty ? "no dense vectors" : names.joined(separator: ", "))",
                hint: "check `expect:`, and whether this is the right backup")
        }
        if let size, size != found.size {
            throw Failure(
                .unfit, "the vectors of collection '\(collection)' have \(found.size) dimensions, and \(size) are expected",
                hint: "another embedding model? Check `expect:` (or the input it comes from), and whether this is the right backup")
        }
        if let distance, distance.rawValue != found.distance {
            throw Failure(
                .unfit, "the vectors of collection '\(collection)' are compared by \(found.distance), and \(distance.rawValue) is expected",
                hint: "check `expect:`, and whether this is the right backup")
        }
    }
}
