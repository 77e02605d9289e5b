import Documents

/// A dense vector of a collection.
package struct VectorConfiguration: Sendable, Hashable {
    /// "" for the only one of a collection without names.
    package let name: String
    package let size: Int
    /// `Cosine`, `Dot`, `Euclid`, `Manhattan`.
    package let distance: String
    /// `float32`, `float16`, `uint8`, or what newer servers have.
    package let datatype: String
    /// How many vectors of one point are compared, `max_sim`; nil: a point has one.
    package let multivector: String?
    package let isOnDisk: Bool
    /// `scalar int8`, `binary`; its own or the collection's.
    package let quantization: String?

    init(_ name: String, _ json: JSONValue, _ ofCollection: JSONValue?) throws(CollectionConfiguration.Mistake) {
        guard let size = json["size"]?.int, (1...1_000_000_000).contains(size) else {
            throw .init(words: "the vector \(name.quoted) has no size above zero")
        }
        guard let distance = json["distance"]?.string else { throw .init(words: "the vector \(name.quoted) has no distance") }
        self.name = name
        self.size = Int(size)
        self.distance = distance
        datatype = json["datatype"]?.string ?? "float32"
        multivector = json["multivector_config"].flatMap { $0.members == nil ? nil : $0["comparator"]?.string ?? "max_sim" }
        isOnDisk = json["on_disk"]?.bool ?? (json["memory"]?.string == "cold")
        quantization = Self.quantization(json.present("quantization_config") ?? ofCollection)
    }

    private static func quantization(_ json: JSONValue?) -> String? {
        guard let method = json?.members?.first else { return nil }
        return [method.key, method.value["type"]?.string ?? method.value["compression"]?.string].compactMap { $0 }.joined(separator: " ")
    }
}

/// A sparse vector of a collection.
package struct SparseVectorConfiguration: Sendable, Hashable {
    package let name: String
    /// `idf`
    package let modifier: String?
    package let isOnDisk: Bool

    init(_ name: String, _ json: JSONValue) {
        self.name = name
        modifier = json["modifier"]?.string
        let index = json["index"]
        isOnDisk = index?["on_disk"]?.bool ?? (index?["memory"]?.string == "cold")
    }
}
