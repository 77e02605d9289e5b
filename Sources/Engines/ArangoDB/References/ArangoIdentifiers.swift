import Documents
import Recovery

extension ArangoEngine {
    package func mistake(in place: IdentifierPlace) -> Mistake? {
        if let mistake = place.mistake(of: .arangodb, needs: ["database", "collection"], mayHave: ["field"]) { return mistake }
        guard let field = place.field, ArangoIdentifiers.path(field) == nil else { return nil }
        return Mistake(
            "'\(field)' is no attribute that identifiers can be read under",
            hint: "write names of attributes, with '.' between nested ones")
    }
}

extension ReadableArango: IdentifierReading {
    func identifiers(at place: IdentifierPlace) async throws -> any Identifiers {
        guard let database = place.database, let collection = place.collection else {
            throw Failure(.bug, "a place on '\(binding.name)' that lint has let pass names no collection")
        }
        guard try await self.database(database) != nil else { throw NoSuchPlace("there is no database '\(database)' on \(server.words)") }
        guard try await self.collection(collection, in: database) != nil else {
            throw NoSuchPlace("there is no collection '\(collection)' in database '\(database)' on \(server.words)")
        }
        return ArangoIdentifiers(
            server: self, database: database, collection: collection, field: place.field.flatMap(ArangoIdentifiers.path))
    }
}

/// The keys of a collection's documents, or what they have under an attribute.
struct ArangoIdentifiers: Identifiers {
    let server: ReadableArango
    let database: String
    let collection: String
    /// Nil: the keys.
    let field: [String]?

    /// Documents of one question.
    private static let page = 4_000

    /// Nil for what is no path.
    static func path(_ field: String) -> [String]? {
        let names = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return names.contains("") ? nil : names
    }

    var kinds: Set<Identifier.Kind> { field == nil || field == ["_key"] ? [.text] : [.number, .text] }

    /// In the order of the keys, by which the server finds where it was: no question holds anything open on it.
    func all(each: @escaping @Sendable ([IdentifierValue]) async throws -> Void) async throws {
        let before = try await server.count(collection, in: database)
        var read: Int64 = 0
        var last = JSONValue.string("")
        while true {
            let answer = try await ask(
                "FOR d IN @@collection FILTER d._key > @last SORT d._key LIMIT @page RETURN [d._key, \(attribute)]",
                [.init("last", last), .init("page", .int(Int64(Self.page)))])
            read += Int64(answer.count)
            try await each(answer.flatMap { Self.values(of: $0.array?.last ?? .null) })
            guard answer.count == Self.page, let end = answer.last?.array?.first else { break }
            last = end
        }
        // A reference that was not looked at would pass for one that holds.
        guard read < before else { return }
        let least = min(before, try await server.count(collection, in: database))
        guard read < least else { return }
        throw Failure(
            .engine,
            "collection '\(collection)' of database '\(database)' on \(server.server.words) has \(least) documents, and \(read) were read",
            hint: "was it written to meanwhile? Check the references again when it is not")
    }

    func absent(_ identifiers: [Identifier]) async throws -> Set<Identifier> {
        let wanted = identifiers.filter { kinds.contains($0.kind) }
        // Numbers of JSON that no double nor integer of the server holds are nowhere.
        let values = wanted.compactMap { identifier -> JSONValue? in
            if case .number(let number) = identifier { return Int64(exactly: number).map { .int($0) } }
            return .string(identifier.description)
        }
        guard !values.isEmpty else { return Set(identifiers) }
        let query =
            field == nil
            ? "FOR d IN @@collection FILTER d._key IN @values RETURN d._key"
            : "FOR d IN @@collection FOR v IN (IS_ARRAY(\(attribute)) ? \(attribute) : [\(attribute)]) FILTER v IN @values RETURN DISTINCT v"
        let found = try await ask(query, [.init("values", .array(values))]).flatMap { Self.values(of: $0) }
        return Set(identifiers).subtracting(
            found.compactMap { if case .identifier(let identifier) = $0 { identifier } else { nil } })
    }

    func close() async {}

    /// `d[@p0][@p1]`: names are bound, whatever is in them.
    private var attribute: String {
        guard let field else { return "d._key" }
        return "d" + field.indices.map { "[@p\($0)]" }.joined()
    }

    private func ask(_ aql: String, _ bind: [JSONValue.Member]) async throws -> [JSONValue] {
        let names = (field ?? []).enumerated().map { JSONValue.Member("p\($0)", .string($1)) }.filter { aql.contains("@\($0.key)]") }
        let answer = try await server.query(
            aql, bind: .object([.init("@collection", .string(collection))] + bind + names), in: database, keeping: .max, within: nil)
        return try answer.rows.map { row in
            guard let value = try? JSONValue(parsing: row) else {
                throw Failure(
                    .engine, "cannot read what lies in collection '\(collection)' on \(server.server.words): an answer is no JSON",
                    hint: "is there a proxy between that changes answers?")
            }
            return value
        }
    }

    private static func values(of value: JSONValue) -> [IdentifierValue] {
        switch value {
        case .null: [.null]
        case .string(let text): [.identifier(.text(text))]
        case .int(let number): [.identifier(.number(Int128(number)))]
        case .array(let items): items.isEmpty ? [.null] : items.flatMap { values(of: $0) }
        default: [.other(value.text(.canonical))]
        }
    }
}
