import Recovery

/// How a collection stood at one moment, by its server.
struct CollectionTally: Sendable, Equatable {
    let documents: Int64
    /// Another one after every change.
    let revision: String
}

extension ArangoClient {
    /// Of those that are wanted and are there; one that goes meanwhile is not.
    func tallies(in database: String, where isWanted: (String) -> Bool) async throws -> [String: CollectionTally] {
        var tallies: [String: CollectionTally] = [:]
        for collection in try await collections(in: database, excludingSystem: false) where isWanted(collection.name) {
            tallies[collection.name] = try await tally(of: collection.name, in: database)
        }
        return tallies
    }

    /// Nil when it is gone.
    private func tally(of collection: String, in database: String) async throws -> CollectionTally? {
        do {
            let documents = try await count(collection, in: database)
            return CollectionTally(documents: documents, revision: try await revision(of: collection, in: database))
        } catch let failure as Failure {
            guard try await collections(in: database, excludingSystem: false).contains(where: { $0.name == collection }) else { return nil }
            throw failure
        }
    }
}

/// What a dump's count and the server's own counts before and after it say together.
struct CountAgreement {
    let dumped: Int64
    /// Nil: the server did not show the collection.
    let before: CollectionTally?
    let after: CollectionTally?

    var wasWrittenTo: Bool { before != after }

    /// Why the dump cannot be all of it. What nobody has written to has exactly as many; of what somebody has there may be more, and fewer by as
    /// much as can have been removed and added again: much of a queue, little of what is large.
    var problem: String? {
        guard let before, let after else { return nil }
        guard wasWrittenTo else {
            guard before.documents != dumped else { return nil }
            return "has \(before.documents) documents on the server, and \(dumped) came out of it"
        }
        let (low, high) = (min(before.documents, after.documents), max(before.documents, after.documents))
        let slack = max(high - low, high / 100, min(1000, high / 2 + 10))
        guard dumped < low - slack else { return nil }
        return "has \(low == high ? "\(high)" : "\(low) to \(high)") documents on the server, and \(dumped) came out of it"
    }
}
