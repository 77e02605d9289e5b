import Documents
import Recovery

/// A collection as its structure file describes it, with the files that its documents are in.
struct CollectionInDump: Sendable {
    struct Index: Sendable {
        let type: String
        let name: String?
        let fields: [String]
    }

    struct DataFile: Sendable, Hashable {
        let name: String
        let isPacked: Bool
    }

    let name: String
    let isEdge: Bool
    let isSystem: Bool
    /// It was being dropped; servers pass over it.
    let isDeleted: Bool
    let structureFile: String
    /// As the dump has it.
    let structure: [UInt8]
    /// What stands in place of its name in names of files, where that is none that all versions take.
    let ids: [String]
    /// Those it does not have by itself.
    let indexes: [Index]
    let vectors: [VectorAttribute]
    /// In their order. Empty when the dump has none of it.
    var data: [DataFile] = []
    /// The dump was split, and such dumps have no file for what is empty.
    var mayBeEmpty = false
    /// There is more data than can be its own.
    var isAmbiguous = false

    /// What its files may be called; first what arangorestore looks for first.
    var stems: [String] {
        let hash = DumpFileNames.hash(of: name)
        return ["\(name)_\(hash)", name] + ids.flatMap { ["\($0)_\(hash)", $0] }
    }

    var subject: String { "collection \(name)" }

    /// Throws `PlainReason`, or why it is no JSON.
    init(_ text: [UInt8], file: String) throws {
        let json = try JSONValue(parsing: text)
        guard json.members != nil else { throw PlainReason("it is no object") }
        guard let parameters = json["parameters"], parameters.members != nil else { throw PlainReason("it has no member 'parameters'") }
        guard let name = parameters["name"]?.string else { throw PlainReason("it says no name") }
        if let problem = ArangoName.problem(withCollection: name) {
            throw PlainReason("'\(name.clipped(to: 60))' cannot be the name of a collection: \(problem)")
        }
        guard let type = parameters["type"]?.int, type == 2 || type == 3 else {
            throw PlainReason("it does not say whether it is a collection of documents or of edges")
        }
        self.name = name
        isEdge = type == 3
        isSystem = parameters["isSystem"]?.bool ?? name.hasPrefix("_")
        isDeleted = parameters["deleted"]?.bool ?? false
        structureFile = file
        structure = text
        ids = ["cid", "id", "planId"].compactMap { parameters[$0] }.compactMap { $0.string ?? $0.int.map(String.init) }.filter {
            !$0.isEmpty
        }
        // Before 2.0 indexes were a part of the parameters.
        guard let list = json["indexes"] ?? parameters["indexes"], let all = list.array else {
            throw PlainReason("it has no list 'indexes'")
        }
        let known = try all.map { index in
            guard let type = index["type"]?.string else { throw PlainReason("an index has no type") }
            return (json: index, index: Index(type: type, name: index["name"]?.string, fields: Self.fields(of: index)))
        }
        indexes = known.map(\.index).filter { !["primary", "edge"].contains($0.type) }
        vectors = known.compactMap { index in
            guard index.index.type == "vector", let field = index.index.fields.first,
                let dimension = index.json["params"]?["dimension"]?.int
            else { return nil }
            return VectorAttribute(field, dimension: Int(dimension))
        }
    }

    /// Inverted ones have objects with a name in place of names.
    private static func fields(of index: JSONValue) -> [String] {
        (index["fields"]?.array ?? []).compactMap { $0.string ?? $0["name"]?.string }
    }
}
