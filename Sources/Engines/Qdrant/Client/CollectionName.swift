import Documents
import Recovery

/// The name of a collection in a document, held against Qdrant's rules as soon as it is known.
struct CollectionName: ScalarValue, Hashable {
    let text: String

    init(scalar text: String) throws(Mistake) {
        if let problem = QdrantName.problem(with: text) {
            throw Mistake("\(text.quoted) cannot be the name of a collection: \(problem)", hint: QdrantName.rule)
        }
        self.text = text
    }

    private init(placeholder: String) { text = placeholder }

    static var form: String { "the name of a collection" }
    static var placeholder: CollectionName { CollectionName(placeholder: "collection") }
    static var scalarSchema: JSONSchema { .text }
    var canonical: String { text }
}
