import Bindings
import Documents
import Recovery

extension PostgresEngine {
    package func mistake(in place: IdentifierPlace) -> Mistake? {
        place.mistake(of: .postgres, needs: ["database", "table", "column"])
    }
}

extension ReadablePostgres: IdentifierReading {
    package func identifiers(at place: IdentifierPlace) async throws -> any Identifiers {
        guard let database = place.database, let table = place.table, let column = place.column else {
            throw Failure(.bug, "a place on '\(binding.name)' that lint has let pass names no column")
        }
        // Its own: while a column is read over it, nothing else can be asked. A policy that hides rows is an error, never a short count.
        let connection = try await server.connect(
            to: database, options: "\(Self.readOnly) -c search_path=pg_catalog -c row_security=off")
        do {
            return try await PostgresIdentifiers(
                connection, place: PostgresColumn.find(column, of: table, in: database, through: connection, on: server),
                words: place.words(on: binding.name))
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// A column that holds identifiers.
struct PostgresColumn: Sendable {
    enum Form: Sendable {
        /// Whole numbers that fit these bits.
        case integers(ClosedRange<Int128>)
        case numeric
        case uuid
        case text
        /// `char(n)`, where blanks at the end are none.
        case padded
    }

    /// Qualified and quoted.
    let table: String
    let column: String
    let form: Form

    var kind: Identifier.Kind {
        switch form {
        case .integers, .numeric: .number
        case .uuid: .uuid
        case .text, .padded: .text
        }
    }

    /// The type that identifiers are compared as. Of whole numbers the widest: PostgreSQL's indexes compare those of all widths.
    var comparedAs: String {
        switch form {
        case .integers: "bigint"
        case .numeric: "numeric"
        case .uuid: "uuid"
        case .text: "text"
        case .padded: "bpchar"
        }
    }

    /// Whether the column's type has room for it. What it has none for cannot be there, and would be an error to ask for.
    func canHold(_ identifier: Identifier) -> Bool {
        switch (form, identifier) {
        case (.integers(let range), .number(let number)): range.contains(number)
        case (.numeric, .number): true
        case (.uuid, .uuid): true
        case (.text, .text(let text)), (.padded, .text(let text)): !text.utf8.contains(0)
        default: false
        }
    }

    static func find(
        _ column: String, of table: String, in database: String, through connection: PostgresConnection, on server: PostgresServer
    ) async throws -> PostgresColumn {
        let parts = PostgresName.parts(table)
        let (schema, name) = parts.count > 1 ? (parts[0], parts[1]) : ("public", parts[0])
        let shown = "\(schema).\(name)"
        let rows = try await attempt("look up column '\(column)' of table \(shown) in database '\(database)' on \(server.words)") {
            try await connection.ask(
                """
                SELECT a.attname IS NOT NULL, pg_catalog.format_type(a.atttypid, NULL), b.oid, pg_catalog.format_type(b.oid, NULL)
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_catalog.pg_attribute a
                  ON a.attrelid = c.oid AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
                WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                """, [.text(schema), .text(name), .text(column)]
            ).rows
        }
        guard let row = rows.first else { throw NoSuchPlace("there is no table \(shown) in database '\(database)'") }
        guard row[0] == "t" else { throw NoSuchPlace("table \(shown) in database '\(database)' has no column '\(column)'") }
        guard let oid = row[2].flatMap({ UInt32($0) }), let form = form(of: oid) else {
            throw Failure(
                .document,
                "column '\(column)' of table \(shown) in database '\(database)' is of type \(row[1] ?? "unknown"), which identifies nothing",
                hint: "name one of whole numbers, UUIDs or texts")
        }
        return PostgresColumn(
            table: "\(try quoteIdentifier(schema)).\(try quoteIdentifier(name))", column: try quoteIdentifier(column), form: form)
    }

    private static func form(of type: UInt32) -> Form? {
        switch type {
        case 20: .integers(Int128(Int64.min)...Int128(Int64.max))
        case 21: .integers(Int128(Int16.min)...Int128(Int16.max))
        case 23: .integers(Int128(Int32.min)...Int128(Int32.max))
        case 1700: .numeric
        case 2950: .uuid
        case 25, 1043: .text
        case 1042: .padded
        default: nil
        }
    }
}

/// What lies in a column of a table.
struct PostgresIdentifiers: Identifiers {
    private let connection: PostgresConnection
    private let place: PostgresColumn
    private let words: String

    /// How many are handed over at once.
    private static let batch = 4_000

    init(_ connection: PostgresConnection, place: PostgresColumn, words: String) {
        self.connection = connection
        self.place = place
        self.words = words
    }

    var kinds: Set<Identifier.Kind> { [place.kind] }

    func all(each: @escaping @Sendable ([IdentifierValue]) async throws -> Void) async throws {
        let batches = Batches(size: Self.batch)
        let kind = place.kind
        try await attempt("read \(words)") {
            // One statement: what is written meanwhile is not in it.
            try await connection.stream("SELECT \(place.column)::text FROM \(place.table)") { row in
                if let full = await batches.add(Self.value(row[0], kind)) { try await each(full) }
            }
        }
        let rest = await batches.rest()
        if !rest.isEmpty { try await each(rest) }
    }

    private static func value(_ text: String?, _ kind: Identifier.Kind) -> IdentifierValue {
        guard let text else { return .null }
        switch kind {
        case .text: return .identifier(.text(text))
        case .uuid: return UUIDText.value(of: text).map { .identifier(.uuid($0)) } ?? .other(text)
        case .number: return wholeNumber(text).map { .identifier(.number($0)) } ?? .other(text)
        }
    }

    /// `numeric` writes `5.00` for five, if it was given like that.
    private static func wholeNumber(_ text: String) -> Int128? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }) else { return nil }
        return Int128(parts[0])
    }

    func absent(_ identifiers: [Identifier]) async throws -> Set<Identifier> {
        var absent = Set(identifiers.filter { !place.canHold($0) })
        let asked = identifiers.filter(place.canHold)
        guard !asked.isEmpty else { return absent }
        let list = "{" + asked.map { Self.element($0.description) }.joined(separator: ",") + "}"
        let rows = try await attempt("look up identifiers in \(words)") {
            try await connection.query(
                """
                SELECT w.place FROM pg_catalog.unnest($1::\(place.comparedAs)[]) WITH ORDINALITY AS w (value, place)
                WHERE NOT EXISTS (SELECT 1 FROM \(place.table) AS there WHERE there.\(place.column) = w.value)
                """, [.text(list)]
            ).rows
        }
        for row in rows {
            guard let number = row[0].flatMap({ Int($0) }), asked.indices.contains(number - 1) else {
                throw Failure(.bug, "the answer to a look-up in \(words) names no identifier")
            }
            absent.insert(asked[number - 1])
        }
        return absent
    }

    /// One element of an array's text.
    private static func element(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    func close() async { await connection.close() }

    /// Gathers rows, which come one by one.
    private actor Batches {
        private let size: Int
        private var values: [IdentifierValue] = []

        init(size: Int) { self.size = size }

        /// The batch, when it is full with this one.
        func add(_ value: IdentifierValue) -> [IdentifierValue]? {
            values.append(value)
            guard values.count == size else { return nil }
            defer { values = [] }
            return values
        }

        func rest() -> [IdentifierValue] { values }
    }
}
