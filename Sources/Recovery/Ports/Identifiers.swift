package import Bindings
package import Documents

/// Where on a target identifiers lie, in the engine's own words. Which of these belong together its engine knows: `Engine.mistake`.
package struct IdentifierPlace: DocumentMapping, Equatable {
    package static let fields = Fields(
        Field.required("target", as: Name.self, literal: true, "role of the target; in a drill's `across:` the server of the environment"),
        Field.maybe("database", as: String.self, limit: .notEmpty, "the database, of an engine that has several"),
        Field.maybe("table", as: String.self, limit: .notEmpty, "PostgreSQL: the table with its schema, `catalogue.chunks`"),
        Field.maybe("column", as: String.self, limit: .notEmpty, "PostgreSQL: the column, of whole numbers, UUIDs or texts"),
        Field.maybe("collection", as: String.self, limit: .notEmpty, "the collection, of an engine that has such"),
        Field.maybe(
            "field", as: String.self, limit: .notEmpty,
            "what holds the identifier in whatever the collection holds: a key of the payload; the own identifiers when left out"))

    package let target: String
    package let database: String?
    package let table: String?
    package let column: String?
    package let collection: String?
    package let field: String?
    package let span: YAMLSpan

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let name: Name
        (name, database, table, column, collection, field) = try Self.fields.read(node, reading)
        target = name.text
        span = node.span
    }

    /// `library.catalogue.chunks.id on 'db'`, `book_chunks on 'vectors'`.
    package func words(on target: String) -> String {
        [database, table ?? collection, column ?? field].compactMap(\.self).joined(separator: ".") + " on '\(target)'"
    }

    /// The keys of the fields that are given, beside `target`.
    package var given: Set<String> {
        let all = [
            ("database", database), ("table", table), ("column", column), ("collection", collection), ("field", field),
        ]
        return Set(all.filter { $0.1 != nil }.map(\.0))
    }

    /// What is wrong with the place for an engine that needs some of the fields, may have others and knows no more.
    package func mistake(of engine: EngineName, needs: [String], mayHave: [String] = []) -> Mistake? {
        if let missing = needs.first(where: { !given.contains($0) }) {
            return Mistake("a place on \(engine) needs `\(missing):`", hint: "it is told by \(Self.list(needs + mayHave))")
        }
        guard let foreign = given.subtracting(needs + mayHave).sorted().first else { return nil }
        return Mistake("a place on \(engine) has no `\(foreign):`", hint: "it is told by \(Self.list(needs + mayHave))")
    }

    private static func list(_ keys: [String]) -> String { keys.map { "`\($0):`" }.joined(separator: ", ") }
}

/// What an engine's readable target is, too, if its identifiers can be listed and looked up: the half of cross-references between stores
/// that only the engine knows.
package protocol IdentifierReading: ReadableTarget {
    /// Opens a place that `Engine.mistake` found nothing wrong with. Throws `NoSuchPlace` when it is not there, and `Failure(.document)` for
    /// one that holds no identifiers: a column of times.
    func identifiers(at place: IdentifierPlace) async throws -> any Identifiers
}

/// The identifiers of one place, read exactly and in memory that stays flat. Two of them may be used side by side, also of one server.
package protocol Identifiers: Sendable {
    /// What kinds may lie there. Where any does, all that `IdentifierValue` is not `other` for.
    var kinds: Set<Identifier.Kind> { get }
    /// Hands over everything that lies there, once for each time it does, in batches of some thousands; the next one is read when `each` has
    /// returned.
    func all(each: @escaping @Sendable ([IdentifierValue]) async throws -> Void) async throws
    /// Those of some thousand identifiers, all of kinds that lie there, that do not.
    func absent(_ identifiers: [Identifier]) async throws -> Set<Identifier>
    func close() async
}

/// There is no such table, column or collection. For a check that is a finding: whoever restored was to bring it back.
package struct NoSuchPlace: Error, Sendable {
    /// `there is no table catalogue.chunks in database 'library'`.
    package let words: String

    package init(_ words: String) { self.words = words }
}
