import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// PostgreSQL and Qdrant held against each other by the step that stands in documents.
@Suite(.requires(TestPostgres.missing), .requires(TestQdrant.missing), .timeLimit(.minutes(2))) struct CrossReferenceTests {
    private let collection = "chunks_\(randomHex(6))"

    private func verify(_ database: TestDatabase, _ yaml: String) async throws -> StepResult {
        let registry = StepRegistry(engines: [])
        let type = try #require(registry["references.verify"])
        let action = try type.init(try YAMLNode.parse(yaml), .plain)
        let target = try QdrantUnderTest.target(try await TestQdrant.shared())
        return try await action.run(in: target.context(places: ["db": database.readable, "vectors": target.readable]))
    }

    private func with(_ use: (TestDatabase) async throws -> Void) async throws {
        let server = try await TestQdrant.shared()
        try await server.fillBooks(collection, points: 3000, size: 2, indexes: false)
        let outcome: Swift.Result<Void, any Error>
        do {
            outcome = .success(
                try await TestDatabase.with(
                    try await TestPostgres.shared(),
                    holding: { _ in
                        """
                        CREATE TABLE chunks (id serial PRIMARY KEY, qdrant_id bigint, as_text text);
                        INSERT INTO chunks (qdrant_id, as_text) SELECT i, i FROM generate_series(0, 2999) AS i;
                        """
                    }, use))
        } catch { outcome = .failure(error) }
        try await server.ask("DELETE", "/collections/\(collection)")
        try outcome.get()
    }

    private func yaml(_ database: TestDatabase, column: String = "qdrant_id", _ more: String = "") -> String {
        "{from: {target: db, database: \(database.name), table: chunks, column: \(column)}, to: {target: vectors, collection: \(collection)}\(more)}"
    }

    @Test func everyReferenceIsLookedUp() async throws {
        try await with { database in
            for column in ["qdrant_id", "as_text"] {
                let result = try await verify(database, yaml(database, column: column))
                #expect(result.checks.map(\.verdict) == [.held, .held], "\(result.checks)")
                #expect(result.checks[0].compared == 3000)
                #expect(result.checks[0].subject == "\(database.name).chunks.\(column) on 'app-db'")
                #expect(result.checks[0].aspect == "found in \(collection) on 'vectors'")
            }
            let back = try await verify(
                database,
                "{from: {target: vectors, collection: \(collection)}, to: {target: db, database: \(database.name), table: chunks, column: qdrant_id}}"
            )
            #expect(back.checks[0].verdict == .held)
            #expect(back.checks[0].compared == 3000)
        }
    }

    @Test func pointsThatAreGoneAreNamedAndNULLsAreTold() async throws {
        try await with { database in
            try await database.run(
                "UPDATE chunks SET qdrant_id = 100000 + id WHERE id IN (5, 2900); UPDATE chunks SET qdrant_id = NULL WHERE id = 9")
            let result = try await verify(database, yaml(database))
            #expect(result.checks[0].actual == "2997 found; missing: 100005, 102900")
            #expect(result.checks[0].expected == "2999 found")
            #expect(result.checks[0].verdict == .differed)
            #expect(result.checks[1].actual == "1")
            #expect(result.checks[1].verdict == .differed)
            let allowed = try await verify(database, yaml(database, ", nulls: allowed"))
            #expect(allowed.checks.count == 1)
            #expect(allowed.notes == ["1 NULLs of \(database.name).chunks.qdrant_id on 'app-db' left out, as allowed"])
        }
    }

    @Test func aSampleOfAThousandIsAThousand() async throws {
        try await with { database in
            let result = try await verify(database, yaml(database, ", sample: {size: 1000, seed: 5}"))
            #expect(result.checks[0].compared == 1000)
            #expect(result.checks[0].verdict == .held)
            #expect(result.checks[0].tolerance == "sample of 1000 by seed 5, out of 3000")
        }
    }

    @Test func numbersAndUUIDsCanNeverMeet() async throws {
        try await with { database in
            try await database.run("CREATE TABLE named (id uuid); INSERT INTO named VALUES ('550e8400-e29b-41d4-a716-446655440000')")
            let failure = await #expect(throws: Failure.self) {
                _ = try await verify(
                    database,
                    "{from: {target: db, database: \(database.name), table: chunks, column: qdrant_id}, to: {target: db, database: \(database.name), table: named, column: id}}"
                )
            }
            #expect(failure?.kind == .document)
        }
    }
}
