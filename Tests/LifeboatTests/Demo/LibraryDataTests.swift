import Bindings
import TestSupport
import Testing

@testable import lifeboat

@Suite(.requires(TestPostgres.missingVectors), .timeLimit(.minutes(1)))
struct LibraryDataTests {
    @Test func theLibraryIsTheSameEverywhere() async throws {
        let library = try await LibraryDatabase.make().connection
        #expect(try await library.rows(Self.counts) == [["2000", "8000", "500", "5000"]])
        let sums = try await library.rows(
            """
            SELECT (SELECT sum(hashtextextended(concat(id, isbn, title, author, shelf, published, copies), 0)) FROM catalogue.books),
                (SELECT sum(hashtextextended(concat(id, book, page, body, embedding), 0)) FROM catalogue.chunks),
                (SELECT sum(hashtextextended(concat(id, name, email, standing), 0)) FROM lending.readers),
                (SELECT sum(hashtextextended(concat(number, reader, book), 0)) FROM lending.loans)
            """)
        #expect(sums == [["-39413758424659793501", "311493434735589229400", "129803778792972470881", "-113988846103477922362"]])
    }

    @Test func theNewestLoanIsMinutesOldAndTheNextOneHasANumberOfItsOwn() async throws {
        let database = try await LibraryDatabase.make()
        let library = database.connection
        let newest = """
            SELECT max(lent_at) + interval '2 min' BETWEEN '\(database.filled.after)' AND '\(database.filled.before)' FROM lending.loans
            """
        #expect(try await library.rows(newest) == [["t"]])
        let next = try await library.rows(
            "INSERT INTO lending.loans (reader, book, due_at) VALUES (1, 1, now() + interval '1 d') RETURNING number")
        #expect(next == [["5001"]])
    }

    @Test func theIndexFindsTheNeighboursThatAnExactSearchFinds() async throws {
        let library = try await LibraryDatabase.make().connection
        #expect(try await library.rows("SELECT id FROM catalogue.chunks ORDER BY \(Self.distance) LIMIT 4") == Self.siblings)
        #expect(try await library.rows("SELECT id FROM catalogue.chunks ORDER BY (\(Self.distance)) + 0 LIMIT 4") == Self.siblings)
    }

    @Test func theDamageLeavesEveryTableInPlace() async throws {
        let library = try await LibraryDatabase.make().connection
        try await library.execute(LibraryData.damage)
        #expect(try await library.rows(Self.counts) == [["2000", "0", "429", "0"]])
        #expect(try await library.rows("SELECT count(*) FROM catalogue.books WHERE title LIKE 'The %'") == [["0"]])
    }

    private static let counts = """
        SELECT (SELECT count(*) FROM catalogue.books), (SELECT count(*) FROM catalogue.chunks),
            (SELECT count(*) FROM lending.readers), (SELECT count(*) FROM lending.loans)
        """
    private static let distance = "embedding <-> (SELECT embedding FROM catalogue.chunks WHERE id = 4711)"
    /// The four chunks of one book.
    private static let siblings: [PostgresRow] = [["4711"], ["4709"], ["4712"], ["4710"]]
}

extension PostgresConnection {
    fileprivate func rows(_ sql: String) async throws -> [PostgresRow] { try await query(sql).rows }
}
