import Documents

/// Reads what a database has beside its collections and views: graphs, and analyzers of its own.
struct DefinitionReading: Sendable {
    let client: ArangoClient
    let database: String

    func all() async throws -> [DumpedDatabase.Definition] {
        var all: [DumpedDatabase.Definition] = []
        for graph in try await client.graphs(in: database) {
            all.append(DumpedDatabase.Definition(kind: .graph, name: graph.name, definition: graph.definition))
        }
        // Those of the database are called `database::name`; others are the server's.
        let mark = "\(database)::"
        for analyzer in try await client.analyzers(in: database) where analyzer.name.hasPrefix(mark) {
            let definition = JSONValue.object((analyzer.definition.members ?? []).filter { $0.key != "name" })
            all.append(
                DumpedDatabase.Definition(kind: .analyzer, name: String(analyzer.name.dropFirst(mark.count)), definition: definition))
        }
        return all
    }
}

/// Which collections a definition names.
enum DefinitionLinks {
    static func collections(ofView definition: [UInt8]) -> Set<String> {
        guard let json = try? JSONValue(parsing: definition) else { return [] }
        let linked = json["links"]?.members?.map(\.key) ?? []
        let aliased = (json["indexes"]?.array ?? []).compactMap { $0["collection"]?.string }
        return Set(linked + aliased)
    }

    static func collections(ofGraph json: JSONValue) -> Set<String> {
        var names = Set((json["orphanCollections"]?.array ?? []).compactMap(\.string))
        for edges in json["edgeDefinitions"]?.array ?? [] {
            for key in ["from", "to"] { names.formUnion((edges[key]?.array ?? []).compactMap(\.string)) }
            if let collection = edges["collection"]?.string { names.insert(collection) }
        }
        return names
    }
}
