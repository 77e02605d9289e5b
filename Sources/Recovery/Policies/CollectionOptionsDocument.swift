package import Bindings
package import Documents

/// How the content of a collection is taken.
package enum CaptureWay: String, Choice {
    /// The server's own snapshot: fast, with everything the server keeps, for the same version or the next.
    case snapshot
    /// Every point by itself: for any version, and for clusters.
    case points
    /// The storage folder of a server that is stopped, whole: for the same version or the next.
    case storage
}

/// A program of an engine's own that can make its dumps.
package enum CaptureTool: String, Choice {
    case arangodump
}

/// What made the vectors of a collection. No server knows; whoever restores has to.
package struct Embedding: DocumentMapping, Equatable {
    package static let fields = Fields(
        Field.required("model", as: String.self, limit: .notEmpty, "the embedding model, with its version"),
        Field.maybe("size", as: Int.self, limit: .range(1...65536), "numbers per vector; a collection that has other ones is a mistake"),
        Field.maybe("distance", as: VectorDistance.self, "how vectors are compared"))

    package let model: String
    package let size: Int?
    package let distance: VectorDistance?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (model, size, distance) = try Self.fields.read(node, reading)
    }
}

/// What makes two vectors near, by Qdrant's own names.
package enum VectorDistance: String, Choice, Codable {
    case cosine = "Cosine"
    case dot = "Dot"
    case euclid = "Euclid"
    case manhattan = "Manhattan"
}

/// `collections:` of a policy's target.
package struct CollectionOptionsDocument: DocumentMapping {
    package static let fields = Fields(
        Field.optional("include", as: [String].self, default: [], "names of collections, with `*` for any characters; all when left out"),
        Field.optional("exclude", as: [String].self, default: [], "names of collections that are left out, with `*`"),
        Field.optional(
            "private", as: [String].self, default: [],
            "names of collections that are left out too, unless `lifeboat backup POLICY --all` says so"),
        Field.maybe(
            "way", as: CaptureWay.self,
            "`snapshot`: the server's own, and the one way when left out; `points`: every point by itself, restorable into any version and from clusters; `storage`: the whole storage folder of a stopped server"
        ),
        Field.maybe(
            "golden_queries", as: Int.self, limit: .range(0...100),
            "queries kept with their answers, per kind of vector, so that qdrant.verify can ask them again; 5 when left out"),
        Field.optional(
            "embeddings", as: Keyed<CollectionPattern, Embedding>.self, default: .empty,
            "what made the vectors, by name of collection, with `*`; kept in the backup"))

    package let options: CollectionOptions

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (include, exclude, isPrivate, way, golden, embeddings) = try Self.fields.read(node, reading)
        options = CollectionOptions(
            include: include, exclude: exclude, isPrivate: isPrivate, way: way, goldenQueries: golden,
            embeddings: embeddings.entries.map { ($0.key.text, $0.value) })
    }
}

/// The name of a collection, with `*` for any characters.
package struct CollectionPattern: ScalarValue, Hashable {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard !text.isEmpty else { throw Mistake("expected \(Self.form), found nothing") }
        self.text = text
    }

    private init() { text = "*" }

    package static var form: String { "the name of a collection, with `*` for any characters" }
    package static var placeholder: CollectionPattern { CollectionPattern() }
    package static var scalarSchema: JSONSchema { .string(pattern: "^.+$") }
    package var canonical: String { text }
}
