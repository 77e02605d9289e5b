import Documents
import Recovery

/// A structure file, taken apart without changing a letter of what is passed on: there are numbers in it that no double holds.
struct StructureText: Sendable {
    /// One index as the dump defines it.
    struct Index: Sendable {
        let text: [UInt8]
        let type: String
        let name: String?
        let fields: [String]

        /// `ttl on 'expires'`, as people call it.
        var words: String { "\(type) on \(fields.map(\.quoted).joined(separator: ", "))" }
    }

    private let parameters: [UInt8]
    /// Servers pass over such a collection without a word.
    let isDeleted: Bool
    /// In a cluster it has to be made after the one that it is spread like.
    let isSpreadLikeAnother: Bool
    /// Without those that every collection has by itself.
    let indexes: [Index]

    /// Throws `Failure(.damaged)`.
    init(_ collection: RestorableCollection) throws {
        do {
            var parameters: [UInt8]?
            var indexes: [[UInt8]]?
            for (key, value) in try JSONCursor.members(of: collection.structure) {
                if key == "parameters" { parameters = value }
                if key == "indexes" { indexes = try JSONCursor.items(of: value) }
            }
            guard let parameters else { throw PlainReason("it has no member 'parameters'") }
            if indexes == nil {
                // How dumps were before 2.0.
                indexes = try JSONCursor.members(of: parameters).first { $0.key == "indexes" }.map { try JSONCursor.items(of: $0.value) }
            }
            self.parameters = parameters
            let known = try JSONCursor.members(of: parameters)
            isDeleted = known.contains { $0.key == "deleted" && $0.value.elementsEqual("true".utf8) }
            isSpreadLikeAnother = known.contains {
                $0.key == "distributeShardsLike" && ![Array("\"\"".utf8), Array("null".utf8)].contains($0.value)
            }
            self.indexes = try (indexes ?? []).map(Index.init).filter { !["primary", "edge"].contains($0.type) }
        } catch {
            throw Failure(
                .damaged, "the structure of collection '\(collection.name)' in the dump cannot be read",
                hint: "`lifeboat arangodb verify-dump` tells what else is wrong with it", cause: PlainReason("\(error)"))
        }
    }

    /// What makes the collection.
    var ofCollection: [UInt8] { with([]) }

    /// What makes these indexes of it.
    func with(_ indexes: [Index]) -> [UInt8] {
        var text = Array("{\"parameters\":".utf8) + parameters
        text += Array(",\"indexes\":[".utf8)
        text += indexes.map(\.text).joined(separator: [UInt8(ascii: ",")])
        text += Array("]}".utf8)
        return text
    }
}

extension StructureText.Index {
    init(_ text: [UInt8]) throws {
        let json = try JSONValue(parsing: text)
        guard let type = json["type"]?.string else { throw PlainReason("an index has no type") }
        self.init(text: text, type: type, name: json["name"]?.string, fields: Self.fields(of: json))
    }

    /// An index as a server tells of it.
    init(_ json: JSONValue) {
        self.init(text: [], type: json["type"]?.string ?? "", name: json["name"]?.string, fields: Self.fields(of: json))
    }

    /// Inverted ones have objects with a name in place of names.
    private static func fields(of json: JSONValue) -> [String] {
        (json["fields"]?.array ?? []).compactMap { $0.string ?? $0["name"]?.string }
    }

    /// What it is called by every version: some names were given up (contract 6).
    private var kind: String {
        switch type {
        case "hash", "skiplist": "persistent"
        case "geo1", "geo2": "geo"
        case "zkd": "mdi"
        default: type
        }
    }

    /// Whether that is the same index, made on a server; names are not compared: old dumps have none.
    func isSame(as other: Self) -> Bool { kind == other.kind && fields == other.fields }

    /// It can be made only when the documents are there, or takes some of them away: it comes last (contract 14).
    var isLate: Bool { type == "vector" || type == "ttl" }
}

extension RestorableView {
    /// Without what servers before 3.12 take for the view's own: the id of another view.
    func withoutIdentity() throws -> [UInt8] {
        do {
            var cursor = JSONCursor(definition)
            try cursor.enterObject()
            var kept: [[UInt8]] = []
            var isFirst = true
            while true {
                let start = cursor.position
                guard let key = try cursor.nextKey(isFirst: &isFirst) else { break }
                try cursor.skipValue()
                guard !["id", "planId"].contains(String(decoding: key, as: UTF8.self)) else { continue }
                kept.append(Array(definition[start..<cursor.position].drop { $0 == UInt8(ascii: ",") || $0 <= 32 }))
            }
            try cursor.finish()
            return [UInt8(ascii: "{")] + kept.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        } catch {
            throw Failure(
                .damaged, "the definition of view '\(name)' in the dump cannot be read",
                hint: "`lifeboat arangodb verify-dump` tells what else is wrong with it", cause: PlainReason("\(error)"))
        }
    }
}
