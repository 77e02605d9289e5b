import Documents
import Recovery

/// What values of ArangoDB are equal to what a document expects: JSON knows four kinds.
struct ArangoSampleReader: SampleReader {
    func holds(_ expected: SampleQuery.Value, _ cell: SampleCell, _ tolerance: SampleQuery.Tolerance) async throws -> Bool {
        guard let actual = cell.text else { return expected == .null }
        guard let text = expected.text else { return false }
        switch cell.kind {
        case .number:
            if let one = ExactNumber(text), let other = ExactNumber(actual), one == other { return true }
            return tolerance.isNear(text, actual)
        case .flag: return text == actual
        case .text: return text.utf8.elementsEqual(actual.utf8)
        // Written in the document as text, in JSON.
        case .other: return AQLRows.canonical(text.utf8) == actual
        }
    }

    /// ArangoDB has no type for it: people keep ISO 8601, or numbers as DATE_NOW() gives them, in milliseconds, or in seconds as ttl
    /// indexes want them.
    func time(_ cell: SampleCell, _ context: SampleContext) async throws -> Timestamp? {
        guard let text = cell.text else { return nil }
        guard cell.kind == .number else { return Timestamp(text) }
        guard let number = Double(text), number.magnitude < 1e15 else { return nil }
        // As milliseconds it would be 1973 or before.
        return Timestamp(millisecondsSince1970: Int64(number.magnitude < 1e11 ? number * 1000 : number))
    }
}
