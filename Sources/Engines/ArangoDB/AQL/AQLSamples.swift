import Bindings
import Documents

/// Sample queries in AQL.
enum AQLSamples: SampleLanguage {
    static var key: String { "aql" }
    static var about: String { "one query that only reads; a row that is a list has its items as columns" }
    static var noBindings: AQLBindings { .empty }
    static var aboutBindings: String { "values for its parameters by name" }
}

extension SampleQueryDocument<AQLSamples> {
    /// Throws for a query that writes: the server would run it.
    func mustOnlyRead(at node: YAMLNode) throws(InvalidDocument) {
        guard let word = AQLText.writingWord(in: text) else { return }
        throw InvalidDocument("sample query '\(query.name)' would write: it says \(word)", hint: "use arangodb.aql for that", at: node)
    }
}
