import Bindings
import Documents
import Recovery

/// Captures collections of a server, one after the other: two snapshots in one second have one name.
struct QdrantCapture: Sendable {
    private let target: QdrantTarget
    private let options: CollectionOptions
    private let keepsFingerprints: Bool

    private static let goldenQueries = 5

    /// Throws `Failure(.configuration)` for what Qdrant cannot do.
    init(_ target: QdrantTarget, options: CaptureOptions) throws {
        self.target = target
        self.options = options.collections
        keepsFingerprints = options.fingerprint.contains { $0.text == ContentPattern.points }
        if let refusal = Self.refusals(of: options, target: target.binding.name).first { throw refusal.failure }
    }

    static func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        var refusals = CaptureOptions.Refusal.ofTool(options, target: target)
        if let other = options.fingerprint.first(where: { $0.text != ContentPattern.points }) {
            refusals.append(
                .init(
                    .fingerprint, "the policy wants fingerprints of '\(other.text)' in target '\(target)', and Qdrant has no tables",
                    hint: "write `fingerprint: [points]` for every point"))
        }
        if options.compression != nil {
            refusals.append(
                .init(
                    .compression, "the policy says how the dump of target '\(target)' is packed, and Qdrant makes no dumps",
                    hint: "leave out `compression:`"))
        }
        if options.jobs != nil {
            refusals.append(
                .init(
                    .jobs, "the policy says how many tables of target '\(target)' are dumped at a time, and Qdrant has none",
                    hint: "leave out `jobs:`; its collections are captured one after the other"))
        }
        if options.collections.way == .storage { refusals += StorageCapture.refusals(of: options, target: target) }
        return refusals
    }

    /// `object` is the one collection to take; nil: those that the policy chooses.
    func capture(_ object: String?, into sink: any CaptureSink) async throws -> Captured {
        let root = try await target.client.root()
        let nodes = try await QdrantNodes.find(target)
        var problems: [String] = []
        var failed: [FailedObject] = []
        let chosen = try await choose(object, &problems, &failed, sink)
        let aliases = try await target.client.aliases()
        let recoveryPoint = target.time.now
        var totals: [String: Int64] = ["collections": 0, "points": 0]
        var first: Failure?
        var notes: [String] = []
        let capture = CollectionCapture(
            target: target, nodes: nodes, clock: SnapshotClock(), way: options.way ?? .snapshot, keepsFingerprints: keepsFingerprints,
            goldenQueries: options.goldenQueries ?? Self.goldenQueries, sink: sink)
        for name in chosen {
            do {
                sink.progress("collection '\(name)'")
                let items = try await capture.capture(name)
                try await sink.record(items + embedding(of: name))
                if let collection = try items.first.flatMap({ try CapturedCollection($0) }) {
                    totals["collections", default: 0] += 1
                    totals["points", default: 0] += collection.points
                    notes += remarks(on: collection, QdrantBackup.unregistered(items))
                    problems += mistakes(inEmbeddingOf: collection)
                }
            } catch let failure as Failure where failure.kind != .localStorage && failure.kind != .configuration {
                first = first ?? failure
                let because = ([failure.problem] + failure.causes).joined(separator: ": ")
                problems.append("collection '\(name)': \(because)")
                failed.append(FailedObject(kind: CapturedCollection.kind, name: name, because: because))
                sink.progress("collection '\(name)' was not captured: \(failure.problem)")
            }
        }
        if totals["collections"] == 0, let first { throw first }
        let kept = aliases.filter { chosen.contains($0.value) }.sorted { $0.key < $1.key }
        totals["aliases"] = Int64(kept.count)
        try await sink.record(kept.map { QdrantBackup.alias($0.key, of: $0.value) })
        for words in notes { sink.progress(words) }
        try await sink.record(
            notes.enumerated().map { InventoryItem(kind: QdrantBackup.Kind.note, name: "\($0 + 1)", facts: ["text": $1]) })
        let peer = try await target.peer()
        try await sink.record([server(root, peer, nodes)])
        return Captured(
            engineVersion: root.version.description, standIn: root.isStandIn,
            source: SourceIdentity(engine: .qdrant, address: target.binding.address.text, system: peer, database: nil),
            recoveryPoint: recoveryPoint, totals: totals, problems: problems, failed: failed)
    }

    private func choose(
        _ object: String?, _ problems: inout [String], _ failed: inout [FailedObject], _ sink: any CaptureSink
    ) async throws -> [String] {
        if let object {
            guard try await target.readable.hasCollection(object, to: "capture") else {
                throw Failure(.notFound, "there is no collection '\(object)' on \(target.server.words)")
            }
            return [object]
        }
        let choice = try CollectionChoice(options, from: try await target.client.collections(), on: target.server)
        if !choice.isPrivate.isEmpty {
            sink.progress("left out as private: \(choice.isPrivate.joined(separator: ", ")); `--all` takes them too")
        }
        for pattern in choice.idle { sink.progress("no collection fits '\(pattern)'") }
        problems += choice.missing.map(\.because)
        failed += choice.missing
        return choice.chosen
    }

    private func server(_ root: QdrantRoot, _ peer: String?, _ nodes: QdrantNodes) -> InventoryItem {
        var facts = ["version": root.version.description, "cluster": nodes.isCluster ? "yes" : "no"]
        facts["peer"] = peer
        if root.isStandIn { facts["stand-in"] = "yes" }
        return InventoryItem(kind: QdrantBackup.Kind.server, name: target.binding.address.text, facts: facts)
    }

    private func remarks(on collection: CapturedCollection, _ unregistered: [String]) -> [String] {
        var remarks: [String] = []
        if !unregistered.isEmpty {
            remarks.append(
                "payload indexes of collection '\(collection.name)' are in its data, and the collection does not know of them since it was recovered: \(unregistered.joined(separator: ", ")); qdrant.create-payload-indexes registers them"
            )
        }
        if collection.writers == .active {
            remarks.append(
                "collection '\(collection.name)' was written to while it was captured: which of these points are inside cannot be told")
        }
        if collection.unreadableCount > 0 {
            remarks.append(
                "\(collection.unreadableCount) points of collection '\(collection.name)' have values that the server itself cannot print, and no server takes them back: \(collection.unreadable.prefix(5).joined(separator: ", "))"
            )
        }
        return remarks
    }

    // MARK: What made the vectors

    private func embedding(of name: String) -> Embedding? { options.embeddings.first { Glob($0.pattern).matches(name) }?.embedding }

    /// Vectors of another model are of no use to the application, however well they are backed up.
    private func mistakes(inEmbeddingOf collection: CapturedCollection) -> [String] {
        guard let embedding = embedding(of: collection.name), let configuration = try? CollectionConfiguration(collection.config) else {
            return []
        }
        return configuration.vectors.compactMap { vector in
            let name = vector.name.isEmpty ? "the vectors" : "the vectors '\(vector.name)'"
            if let size = embedding.size, size != vector.size {
                return
                    "collection '\(collection.name)': \(name) have \(vector.size) dimensions, and the policy says that \(embedding.model) made them with \(size)"
            }
            if let distance = embedding.distance, distance.rawValue != vector.distance {
                return
                    "collection '\(collection.name)': \(name) are compared by \(vector.distance), and the policy says \(distance.rawValue)"
            }
            return nil
        }
    }

    private func embedding(of name: String) -> [InventoryItem] {
        guard let embedding: Embedding = embedding(of: name) else { return [] }
        var facts = ["model": embedding.model]
        facts["size"] = embedding.size.map(String.init)
        facts["distance"] = embedding.distance?.rawValue
        return [InventoryItem(kind: QdrantBackup.Kind.embedding, name: name, facts: facts)]
    }
}
