import Bindings

/// The library's database, connected to when something is asked of it, and again when the connection is gone.
actor Library {
    private let parameters: PostgresParameters
    private var connection: PostgresConnection?
    private static let patience = Duration.seconds(5)

    init(_ parameters: PostgresParameters) {
        var parameters = parameters
        parameters.applicationName = "library-app"
        parameters.connectTimeout = .seconds(3)
        self.parameters = parameters
    }

    func rows(_ sql: String, _ values: [PostgresParameter] = []) async throws -> [PostgresRow] {
        if let connection, await !connection.isBroken {
            do {
                return try await connection.query(sql, values, deadline: Self.patience).rows
            } catch let error as PostgresError where error.kind == .connectionLost {
                // The server went away between two questions, and may be back.
            }
        }
        connection = nil
        let fresh = try await PostgresConnection.connect(parameters)
        connection = fresh
        return try await fresh.query(sql, values, deadline: Self.patience).rows
    }
}

extension Library {
    struct Book: Codable {
        let title: String
        let author: String
        let shelf: String
        let published: String
    }

    struct Passage: Codable {
        let chunk: String
        let title: String
        let page: String
        let text: String
    }

    struct Loan: Codable {
        let number: String
        let title: String
        let lentAt: String
    }

    /// The tables that should hold something and do not.
    func emptyTables() async throws -> [String] {
        let tables = ["catalogue.books", "catalogue.chunks", "lending.readers", "lending.loans"]
        let row = try await rows("SELECT " + tables.map { "EXISTS (SELECT FROM \($0))" }.joined(separator: ", ")).first ?? []
        return zip(tables, row).filter { $0.1 != "t" }.map(\.0)
    }

    func books(_ count: Int) async throws -> [Book] {
        try await rows("SELECT title, author, shelf, published FROM catalogue.books ORDER BY id LIMIT $1", [.text("\(count)")])
            .compactMap { row in
                guard case (let title?, let author?, let shelf?, let published?) = (row[0], row[1], row[2], row[3]) else { return nil }
                return Book(title: title, author: author, shelf: shelf, published: published)
            }
    }

    /// The passages most like the one that holds most of the words.
    func passages(like words: String) async throws -> [Passage] {
        try await rows(
            """
            WITH asked AS MATERIALIZED (
                SELECT embedding
                FROM catalogue.chunks, CAST(replace(plainto_tsquery('simple', $1)::text, '&', '|') AS tsquery) AS question
                WHERE words @@ question ORDER BY ts_rank(words, question) DESC, id LIMIT 1
            )
            SELECT c.id, b.title, c.page, c.body
            FROM (SELECT * FROM catalogue.chunks WHERE EXISTS (SELECT FROM asked)
                ORDER BY embedding <-> (SELECT embedding FROM asked) LIMIT 5) AS c JOIN catalogue.books b ON b.id = c.book
            ORDER BY c.embedding <-> (SELECT embedding FROM asked)
            """, [.text(words)]
        ).compactMap { row in
            guard case (let chunk?, let title?, let page?, let text?) = (row[0], row[1], row[2], row[3]) else { return nil }
            return Passage(chunk: chunk, title: title, page: page, text: text)
        }
    }

    func latestLoan() async throws -> Loan? {
        try await rows(
            """
            SELECT l.number, b.title, to_char(l.lent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            FROM lending.loans l JOIN catalogue.books b ON b.id = l.book ORDER BY l.lent_at DESC LIMIT 1
            """
        ).first.flatMap { row in
            guard case (let number?, let title?, let lentAt?) = (row[0], row[1], row[2]) else { return nil }
            return Loan(number: number, title: title, lentAt: lentAt)
        }
    }
}
