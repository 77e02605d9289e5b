import Documents
import Recovery

extension QdrantEngine {
    package func mistake(in place: IdentifierPlace) -> Mistake? {
        if let mistake = place.mistake(of: .qdrant, needs: ["collection"], mayHave: ["field"]) { return mistake }
        guard let field = place.field, PayloadPath(field) == nil else { return nil }
        return Mistake(
            "'\(field)' is no key of a payload that identifiers can be read under",
            hint: "write keys of letters, digits, '_' and '-', with '.' between nested ones and '[]' after one that holds a list of objects"
        )
    }
}

extension ReadableQdrant: IdentifierReading {
    func identifiers(at place: IdentifierPlace) async throws -> any Identifiers {
        guard let collection = place.collection else {
            throw Failure(.bug, "a place on '\(binding.name)' that lint has let pass names no collection")
        }
        // Only reading is done here, and an alias is what applications ask for.
        guard try await meaning(of: collection) != .nothing, try await info(collection) != nil else {
            throw NoSuchPlace("there is no collection or alias '\(collection)' on \(server.words)")
        }
        return QdrantIdentifiers(server: self, collection: collection, field: place.field.flatMap(PayloadPath.init))
    }
}

/// The ids of a collection's points, or what they have under a key of their payload.
struct QdrantIdentifiers: Identifiers {
    private let server: ReadableQdrant
    private let collection: String
    /// Nil: the ids.
    private let field: PayloadPath?

    /// Points of one answer.
    private static let page = 4_000

    init(server: ReadableQdrant, collection: String, field: PayloadPath?) {
        self.server = server
        self.collection = collection
        self.field = field
    }

    var kinds: Set<Identifier.Kind> { field == nil ? [.number, .uuid] : [.number, .text] }

    func all(each: @escaping @Sendable ([IdentifierValue]) async throws -> Void) async throws {
        var offset: [UInt8]?
        repeat {
            let page = try await page(matching: nil, from: offset, limit: Self.page)
            try await each(page.values)
            offset = page.next
        } while offset != nil
    }

    func absent(_ identifiers: [Identifier]) async throws -> Set<Identifier> {
        guard field == nil else { return try await absentFromPayload(identifiers) }
        var asked: [PointID: Identifier] = [:]
        for identifier in identifiers {
            switch identifier {
            // No point can be called by a number below zero, or by one beyond 64 bits.
            case .number(let number): if let number = UInt64(exactly: number) { asked[.number(number)] = identifier }
            case .uuid(let value): asked[.uuid(value)] = identifier
            case .text: break
            }
        }
        let answer = asked.isEmpty ? nil : try await server.retrieveIDs(collection, ids: asked.keys.map(\.json))
        let found = try answer.map { body in
            try reading { () throws(JSONSyntaxError) in
                let page = try PointPage(reading: body)
                var found: Set<Identifier> = []
                for index in page.ranges.indices {
                    if let identifier = asked[try page.id(index)] { found.insert(identifier) }
                }
                return found
            }
        }
        return Set(identifiers).subtracting(found ?? [])
    }

    func close() async {}

    // MARK: Payloads

    private func absentFromPayload(_ identifiers: [Identifier]) async throws -> Set<Identifier> {
        var absent: Set<Identifier> = []
        var numbers: Set<Identifier> = []
        var texts: Set<Identifier> = []
        for identifier in identifiers {
            switch identifier {
            // The server's conditions know numbers of 64 bits with a sign.
            case .number(let number) where Int64(exactly: number) != nil: numbers.insert(identifier)
            case .number, .uuid: absent.insert(identifier)
            case .text: texts.insert(identifier)
            }
        }
        // One condition takes numbers or texts, not both.
        for wanted in [numbers, texts] where !wanted.isEmpty { absent.formUnion(try await absentFromPayload(of: wanted)) }
        return absent
    }

    /// Points that have a value which was found already are not asked for again, so that what is there often costs no more than what is
    /// there once.
    private func absentFromPayload(of wanted: Set<Identifier>) async throws -> Set<Identifier> {
        var wanted = wanted
        var offset: [UInt8]?
        while !wanted.isEmpty {
            try Task.checkCancellation()
            let page = try await page(matching: wanted, from: offset, limit: min(wanted.count, Self.page))
            let found = page.values.compactMap { if case .identifier(let identifier) = $0 { identifier } else { nil } }
            let left = wanted.subtracting(found)
            if left.count < wanted.count {
                (wanted, offset) = (left, nil)
            } else {
                guard page.next != nil else { break }
                offset = page.next
            }
        }
        return wanted
    }

    private func page(
        matching wanted: Set<Identifier>?, from offset: [UInt8]?, limit: Int
    ) async throws -> (values: [IdentifierValue], next: [UInt8]?) {
        let condition = wanted.flatMap { wanted in
            field.map { field -> JSONValue in
                let values = wanted.map { identifier -> JSONValue in
                    if case .number(let number) = identifier, let number = Int64(exactly: number) { return .int(number) }
                    return .string(identifier.description)
                }
                return ["must": [["key": .string(field.text), "match": ["any": .array(values)]]]]
            }
        }
        let body = try await server.scrollIDs(collection, with: field?.text, where: condition, from: offset, limit: limit)
        return try reading { () throws(JSONSyntaxError) in
            let page = try PointPage(reading: body)
            var values: [IdentifierValue] = []
            for index in page.ranges.indices {
                if let field {
                    values += try page.values(index, under: field)
                } else {
                    values.append(.identifier(Identifier(try page.id(index))))
                }
            }
            return (values, page.nextPageOffset)
        }
    }

    private func reading<Result>(_ body: () throws(JSONSyntaxError) -> Result) throws -> Result {
        do { return try body() } catch {
            throw Failure(
                .engine, "cannot read the points of collection '\(collection)' on \(server.server.words): the answer is not whole",
                hint: "is there a proxy between that cuts answers off?", cause: error)
        }
    }
}

extension Identifier {
    fileprivate init(_ id: PointID) {
        switch id {
        case .number(let number): self = .number(Int128(number))
        case .uuid(let value): self = .uuid(value)
        }
    }
}
