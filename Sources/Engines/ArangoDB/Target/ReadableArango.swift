import Documents
import Recovery

/// An ArangoDB server that can be read and not changed: only questions can be asked through it.
struct ReadableArango: ReadableTarget {
    let binding: TargetBinding
    let server: ArangoServer
    private let client: ArangoClient
    /// Nil: it is asked anew each time, since it may have come back.
    private var silence: Silence?

    init(_ client: ArangoClient, _ binding: TargetBinding) {
        self.binding = binding
        server = client.server
        self.client = client
    }

    /// The same server, asked no more once it has not answered.
    func after(_ silence: Failure?) -> ReadableArango {
        var impatient = self
        impatient.silence = Silence(silence)
        return impatient
    }

    private func asking<Result>(_ body: (ArangoClient) async throws -> Result) async throws -> Result {
        try silence?.refuse()
        do { return try await body(client) } catch let failure as Failure {
            silence?.note(failure)
            throw failure
        }
    }

    func ready() async throws -> ArangoReadiness { try await asking { try await $0.ready() } }
    func isReadOnly() async throws -> Bool { try await asking { try await $0.isReadOnly() } }
    func databases() async throws -> [String] { try await asking { try await $0.databases() } }
    func database(_ name: String) async throws -> ArangoDatabase? { try await asking { try await $0.database(name) } }

    /// Those that are not the system's own, by name.
    func collections(in database: String) async throws -> [ArangoCollection] {
        try await asking { try await $0.collections(in: database, excludingSystem: true) }
    }

    /// Nil when there is none of that name.
    func collection(_ name: String, in database: String) async throws -> ArangoCollection? {
        try ArangoName.check(collection: name)
        return try await asking { try await $0.collections(in: database, excludingSystem: false) }.first { $0.name == name }
    }

    func views(in database: String) async throws -> [ArangoDefinition] { try await asking { try await $0.views(in: database) } }
    func count(_ collection: String, in database: String) async throws -> Int64 {
        try await asking { try await $0.count(collection, in: database) }
    }

    func query(_ aql: String, bind: JSONValue, in database: String, keeping: Int, within limit: Duration?) async throws -> ArangoRows {
        try await asking { try await $0.query(aql, bind: bind, in: database, keeping: keeping, within: limit) }
    }

    // MARK: For plans

    /// So many collections of a database have their documents counted for a plan.
    private static let counted = 200

    /// What is in a database, but for the system's own.
    func amount(ofDatabase name: String) async -> Effect.Amount {
        do {
            guard try await database(name) != nil else { return .absent }
            let collections = try await collections(in: name)
            guard collections.count <= Self.counted else { return .known(count: Int64(collections.count), unit: "collections", bytes: nil) }
            var documents: Int64 = 0
            for collection in collections { documents += try await count(collection.name, in: name) }
            return .known(count: documents, unit: "documents", bytes: nil)
        } catch {
            return .unknown(because: Failure.wrapping(error, while: "looking at database '\(name)'").sentence)
        }
    }

    func amount(ofView view: String, in database: String) async -> Effect.Amount {
        do {
            guard try await self.database(database) != nil, try await views(in: database).contains(where: { $0.name == view }) else {
                return .absent
            }
            return .known(count: nil, unit: nil, bytes: nil)
        } catch {
            return .unknown(because: Failure.wrapping(error, while: "looking at view '\(view)'").sentence)
        }
    }

    func amount(of collection: String, in database: String) async -> Effect.Amount {
        do {
            guard try await self.database(database) != nil, try await self.collection(collection, in: database) != nil else {
                return .absent
            }
            return .known(count: try await count(collection, in: database), unit: "documents", bytes: nil)
        } catch {
            return .unknown(because: Failure.wrapping(error, while: "looking at collection '\(collection)'").sentence)
        }
    }

    /// Of one that another takes the place of: every database has the system's own, and nobody loses an empty one.
    func amount(ofReplaced collection: String, in database: String) async -> Effect.Amount {
        let amount = await amount(of: collection, in: database)
        guard collection.hasPrefix("_"), case .known(0?, _, _) = amount else { return amount }
        return .absent
    }
}
