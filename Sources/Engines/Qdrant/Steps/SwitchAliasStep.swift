import Bindings
import Documents
import Recovery

/// Makes aliases stand for a collection, all of them in one call.
struct SwitchAliasStep: Step {
    static let kind = "qdrant.switch-alias"
    static let summary = "Make aliases stand for a collection, in one call: those that are named, or those that it had in the backup."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, "the collection that they stand for from now on"),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.maybe("alias", as: OneOrMany<String>.self, "the aliases"),
        Field.maybe("like", as: Name.self, literal: true, "role of a backup: the aliases that the collection had in it")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let aliases: [String]?
    private let like: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, alias, like) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        aliases = alias?.values
        self.like = like?.text ?? allOf?.text
        guard (aliases == nil) != (self.like == nil) else {
            throw InvalidDocument("the aliases are named (`alias:`), or those of a backup (`like:`), one of them", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([like, scope.backupRole].compactMap { $0 }).sorted()) }
    var rerun: Rerun { .safe }

    /// What each alias is to stand for.
    private func wanted(_ backups: [String: BackupInHand]) async throws -> [String: String] {
        var wanted: [String: String] = [:]
        var known: QdrantBackup?
        if let like { known = try await backups.knownOf(like) }
        for member in try await scope.members(backups) {
            let names = aliases ?? (known?.aliases.filter { $0.value == member.nameInBackup }.keys.sorted() ?? [])
            for name in names {
                try QdrantName.check(name, as: "alias")
                wanted[name] = member.name
            }
        }
        return wanted
    }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let wanted = try await wanted(reading.backups)
        let there = try? await target.aliases()
        return wanted.keys.sorted().map { alias in
            let object = ObjectName(target: target.binding.name, kind: "alias", name: alias)
            return Effect(there?[alias] == nil ? .create : .change, object, .known(count: nil, unit: nil, bytes: nil))
        }
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let there = try await reading.target(as: ReadableQdrant.self).aliases()
        let wanted = try await wanted(reading.backups)
        return wanted.allSatisfy { there[$0.key] == $0.value } ? .done : .notDone
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let wanted = try await wanted(context.backups)
        guard !wanted.isEmpty else { return StepResult(notes: ["there were no aliases"], exercised: false) }
        let collections = Set(try await target.client.collections())
        for (alias, collection) in wanted.sorted(by: { $0.key < $1.key }) {
            guard collections.contains(collection) else {
                throw Failure(
                    .engine, "alias '\(alias)' cannot stand for '\(collection)' on \(target.server.words): there is no such collection",
                    hint: "recover it first")
            }
            guard !collections.contains(alias) else {
                throw Failure(
                    .refused, "'\(alias)' cannot become an alias on \(target.server.words): a collection has that name",
                    hint: "drop that collection first, or use another alias")
            }
        }
        let before = try await target.client.aliases()
        let actions = wanted.sorted { $0.key < $1.key }.map { alias, collection in
            JSONValue.object([
                .init("create_alias", .object([.init("collection_name", .string(collection)), .init("alias_name", .string(alias))]))
            ])
        }
        try await target.client.change(aliases: actions, "switch \(wanted.count == 1 ? "an alias" : "\(wanted.count) aliases")")
        let after = try await target.client.aliases()
        var result = StepResult()
        for (alias, collection) in wanted.sorted(by: { $0.key < $1.key }) {
            result.checks.append(CheckResult("alias \(alias)", "collection", expected: collection, actual: after[alias] ?? "none"))
            let was = before[alias].map { $0 == collection ? " as before" : ", no longer for '\($0)'" } ?? ""
            result.notes.append("'\(alias)' stands for '\(collection)'\(was)")
        }
        return result
    }
}
