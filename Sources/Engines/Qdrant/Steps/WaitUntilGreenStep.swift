import Bindings
import Documents
import Recovery

/// Waits until a collection has done what it does in the background.
struct WaitUntilGreenStep: Step {
    static let kind = "qdrant.wait-until-green"
    static let summary = "Wait until a collection is optimised and no update waits; a failed optimiser is a failure."
    static let phase = Phase.index
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.optional("within", as: Duration.self, default: .seconds(600), limit: .positive, "how long it may take")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, within) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nil, allOf: allOf, at: node)
        self.within = within
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: [scope.backupRole].compactMap { $0 }) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        var notes: [String] = []
        for member in try await scope.members(context.backups) {
            try await target.waitUntilGreen(member.name, within: within)
            notes.append("'\(member.name)' is green")
        }
        return StepResult(notes: notes)
    }
}

extension QdrantTarget {
    /// `grey` counts too: optimisations are pending and wait for the next write.
    func waitUntilGreen(_ collection: String, within limit: Duration) async throws {
        let end = time.uptime + limit
        var standing = ""
        while true {
            guard let info = try await client.info(collection) else {
                throw Failure(.engine, "there is no collection '\(collection)' on \(server.words)")
            }
            if let error = info.optimizerError {
                throw Failure(
                    .engine, "the optimiser of collection '\(collection)' on \(server.words) has failed: \(error)",
                    hint: "the server's log says more; is its disk full?")
            }
            guard info.status != "red" else {
                throw Failure(
                    .engine, "collection '\(collection)' on \(server.words) is red: an operation on it has failed",
                    hint: "the server's log says which")
            }
            standing = info.status + ((info.queued ?? 0) > 0 ? ", \(info.queued ?? 0) updates wait" : "")
            if ["green", "grey"].contains(info.status), (info.queued ?? 0) == 0 { return }
            guard time.uptime < end else { break }
            try await time.sleep(for: .milliseconds(100))
        }
        throw Failure(
            .timedOut, "collection '\(collection)' on \(server.words) was not green within \(limit.canonical): it is \(standing)",
            hint: "an index of many vectors takes its time; allow more with `within:`")
    }
}
