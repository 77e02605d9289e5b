import Documents
import Recovery

/// What a server says is in a database: the answer of its inventory, taken apart without changing a letter of what is kept (contract 10.1).
struct DatabaseContents: Sendable {
    struct Collection: Sendable, Equatable {
        let name: String
        let id: String
        let isEdge: Bool
        /// `{"indexes":[…],"parameters":{…}}`.
        let structure: [UInt8]

        /// Every server fills these by itself.
        var isStatistics: Bool { name.hasPrefix("_statistics") }
        var isSystem: Bool { name.hasPrefix("_") }
        var restorable: RestorableCollection {
            RestorableCollection(name: name, isEdge: isEdge, isSystem: isSystem, structure: structure)
        }
    }

    struct View: Sendable, Equatable {
        let name: String
        let id: String
        let type: String
        let definition: [UInt8]
    }

    /// By name.
    private(set) var collections: [Collection] = []
    /// By name.
    private(set) var views: [View] = []
    /// `{"id":…,"name":…,"isSystem":…}`.
    private(set) var properties: [UInt8] = Array("{}".utf8)
    /// Of the server's log, as text.
    private(set) var tick = "0"

    /// Throws `JSONSyntaxError`, `PlainReason` for an answer that is none.
    init(_ answer: [UInt8]) throws {
        for (key, value) in try JSONCursor.members(of: answer) {
            switch key {
            case "collections": collections = try JSONCursor.items(of: value).compactMap { try Self.collection($0) }
            case "views": views = try JSONCursor.items(of: value).map { try Self.view($0) }
            case "properties": properties = value
            case "tick": tick = (try? JSONValue(parsing: value))?.string ?? tick
            default: break
            }
        }
        collections.sort { $0.name < $1.name }
        views.sort { $0.name < $1.name }
    }

    /// Nil for one that is being dropped.
    private static func collection(_ text: [UInt8]) throws -> Collection? {
        var indexes = Array("[]".utf8)
        var parameters: [UInt8]?
        for (key, value) in try JSONCursor.members(of: text) {
            if key == "indexes" { indexes = value }
            if key == "parameters" { parameters = value }
        }
        guard let parameters else { throw "a collection has no parameters" as PlainReason }
        let known = try JSONValue(parsing: parameters)
        guard let name = known["name"]?.string, let type = known["type"]?.int, let id = (known["cid"] ?? known["id"])?.string else {
            throw "a collection has no name, type or id" as PlainReason
        }
        if known["deleted"]?.bool == true { return nil }
        let structure = Array("{\"indexes\":".utf8) + indexes + Array(",\"parameters\":".utf8) + parameters + Array("}".utf8)
        return Collection(name: name, id: id, isEdge: type == 3, structure: structure)
    }

    private static func view(_ text: [UInt8]) throws -> View {
        let known = try JSONValue(parsing: text)
        guard let name = known["name"]?.string, let type = known["type"]?.string else { throw "a view has no name or type" as PlainReason }
        return View(name: name, id: known["id"]?.string ?? name, type: type, definition: text)
    }
}
