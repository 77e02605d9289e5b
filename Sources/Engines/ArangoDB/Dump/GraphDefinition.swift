import Documents
import Recovery

/// A named graph: a document of `_graphs` (contract 7).
struct GraphDefinition: Sendable {
    static let collection = "_graphs"

    let name: String
    private let edges: [String]
    private let vertices: [String]

    /// - Parameter document: whole, without an envelope.
    init(name: String, document: JSONValue) {
        self.name = name
        let definitions = document["edgeDefinitions"]?.array ?? []
        func names(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
        edges = definitions.compactMap { $0["collection"]?.string }
        vertices = definitions.flatMap { names($0["from"]) + names($0["to"]) } + names(document["orphanCollections"])
    }

    /// What of it is not there, each once.
    func missing(in collections: [String: CollectionInDump]) -> [String] {
        var told: Set<String> = []
        let unknown = (edges + vertices).filter { collections[$0] == nil && told.insert($0).inserted }
        let others = edges.filter { collections[$0]?.isEdge == false && told.insert($0).inserted }
        return unknown.map { "collection '\($0)' is not in the dump" } + others.map { "collection '\($0)' holds no edges" }
    }
}
