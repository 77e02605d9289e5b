import Documents
import Recovery

/// A view as its file describes it.
struct ViewInDump: Sendable {
    let name: String
    let type: String
    let id: String?
    let file: String
    /// As the dump has it.
    let definition: [UInt8]
    /// The collections it reads.
    let links: [String]
    /// The inverted indexes it stands for.
    let indexes: [(collection: String, index: String)]

    var subject: String { "view \(name)" }

    /// Throws `PlainReason`, or why it is no JSON.
    init(_ text: [UInt8], file: String) throws {
        let json = try JSONValue(parsing: text)
        guard json.members != nil else { throw PlainReason("it is no object") }
        guard let name = json["name"]?.string else { throw PlainReason("it says no name") }
        guard let type = json["type"]?.string else { throw PlainReason("it says no type") }
        if let problem = ArangoName.problem(withCollection: name) {
            throw PlainReason("'\(name.clipped(to: 60))' cannot be the name of a view: \(problem)")
        }
        self.name = name
        self.type = type
        id = json["id"]?.string
        self.file = file
        definition = text
        links = (json["links"]?.members ?? []).map(\.key)
        indexes = (json["indexes"]?.array ?? []).compactMap { entry in
            guard let collection = entry["collection"]?.string, let index = entry["index"]?.string else { return nil }
            return (collection, index)
        }
    }

    /// What of it is not there.
    func missing(in collections: [String: CollectionInDump]) -> [String] {
        let unknown = links.filter { collections[$0] == nil }.map { "collection '\($0)' is not in the dump" }
        return unknown
            + indexes.compactMap { entry in
                guard let collection = collections[entry.collection] else { return "collection '\(entry.collection)' is not in the dump" }
                if collection.indexes.contains(where: { $0.type == "inverted" && $0.name == entry.index }) { return nil }
                return "collection '\(entry.collection)' has no inverted index '\(entry.index)'"
            }
    }
}
