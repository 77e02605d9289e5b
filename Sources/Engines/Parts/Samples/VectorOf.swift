import Bindings
import Documents

/// `{vector: 384}`: the same vector every time, for queries that need one of that many dimensions.
struct VectorOf: DocumentMapping {
    static let fields = Fields(
        Field.required("vector", as: Int.self, limit: .range(1...16_000), "how many dimensions the made-up vector has"),
        Field.optional("seed", as: Int.self, default: 1, limit: .atLeast(0), "another seed gives another vector"))

    private let dimensions: Int
    private let seed: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (dimensions, seed) = try Self.fields.read(node, reading) }

    var text: String { SeededVector.text(dimensions: dimensions, seed: UInt64(seed)) }
}
