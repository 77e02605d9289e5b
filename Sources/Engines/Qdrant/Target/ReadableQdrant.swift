import Documents
import Recovery

/// A Qdrant server that can be read and not changed: only questions can be asked through it.
struct ReadableQdrant: ReadableTarget {
    let binding: TargetBinding
    let server: QdrantServer
    private let client: QdrantClient
    /// Nil: it is asked anew each time, since it may have come back.
    private var silence: Silence?

    init(_ client: QdrantClient, _ binding: TargetBinding) {
        self.binding = binding
        server = client.server
        self.client = client
    }

    /// The same server, asked no more once it has not answered.
    func after(_ silence: Failure?) -> ReadableQdrant {
        var impatient = self
        impatient.silence = Silence(silence)
        return impatient
    }

    private func asking<Result>(_ body: (QdrantClient) async throws -> Result) async throws -> Result {
        try silence?.refuse()
        do { return try await body(client) } catch let failure as Failure {
            silence?.note(failure)
            throw failure
        }
    }

    func root() async throws -> QdrantRoot { try await asking { try await $0.root() } }
    func collections() async throws -> [String] { try await asking { try await $0.collections() } }
    func aliases() async throws -> [String: String] { try await asking { try await $0.aliases() } }
    func info(_ collection: String) async throws -> CollectionInfo? { try await asking { try await $0.info(collection) } }
    func shards(_ collection: String) async throws -> CollectionShards? { try await asking { try await $0.shards(collection) } }
    func activity() async throws -> SnapshotActivity { try await asking { try await $0.activity() } }
    func isCluster() async throws -> Bool { try await asking { try await $0.isCluster() } }

    /// What a name stands for on the server.
    enum Meaning: Equatable {
        case collection
        case alias(of: String)
        case nothing
    }

    func meaning(of name: String) async throws -> Meaning {
        try QdrantName.check(name)
        if try await collections().contains(name) { return .collection }
        if let behind = try await aliases()[name] { return .alias(of: behind) }
        return .nothing
    }

    /// Whether there is a collection of that name. Throws `Failure(.refused)` for an alias: a recover would overwrite what is behind it, and a
    /// drop would do nothing.
    func hasCollection(_ name: String, to verb: String) async throws -> Bool {
        switch try await meaning(of: name) {
        case .collection: return true
        case .nothing: return false
        case .alias(let behind):
            guard try await collections().contains(behind) else {
                throw Failure(
                    .refused, "cannot \(verb) '\(name)' on \(server.words): it is an alias of collection '\(behind)', which is gone",
                    hint: "name the collection '\(behind)' to have that one back; qdrant.switch-alias makes the alias stand for another")
            }
            throw Failure(
                .refused, "cannot \(verb) '\(name)' on \(server.words): it is an alias, and collection '\(behind)' is behind it",
                hint: "name the collection '\(behind)' if that one is meant; qdrant.switch-alias changes what an alias stands for")
        }
    }

    /// Exact, or why it cannot be told.
    ///
    /// - Parameter limit: for plans, which are there for outages and hang on no server.
    func standing(of collection: String, within limit: Duration? = nil) async throws -> CollectionStanding {
        try silence?.refuse()
        do { return .readable(points: try await client.count(collection, within: limit)) } catch let refusal as QdrantRefusal {
            if refusal.isAbsence { return .missing }
            if refusal.meansBrokenCollection { return .broken(because: refusal.text) }
            throw refusal.failure
        } catch let failure as Failure {
            silence?.note(failure)
            throw failure
        }
    }

    // MARK: Points

    func scroll(_ collection: String, from offset: [UInt8]?, limit: Int) async throws -> [UInt8] {
        try await asking { try await $0.scroll(collection, from: offset, limit: limit) }
    }

    func retrieve(_ collection: String, ids: [String]) async throws -> [UInt8] {
        try await asking { try await $0.retrieve(collection, ids: ids) }
    }

    func scrollIDs(
        _ collection: String, with field: String?, where condition: JSONValue?, from offset: [UInt8]?, limit: Int
    ) async throws -> [UInt8] {
        try await asking { try await $0.scrollIDs(collection, with: field, where: condition, from: offset, limit: limit) }
    }

    func retrieveIDs(_ collection: String, ids: [String]) async throws -> [UInt8] {
        try await asking { try await $0.retrieveIDs(collection, ids: ids) }
    }

    func query(_ collection: String, _ body: [UInt8], _ attempt: String) async throws -> [UInt8] {
        try await asking { try await $0.query(collection, body, attempt) }
    }
}

/// What state a collection's data is in.
enum CollectionStanding: Sendable, Equatable {
    case readable(points: Int64)
    /// There, and its data cannot be read: a recover was cut off, or a snapshot came in its way.
    case broken(because: String)
    case missing
}
