import Bindings
import Documents
import Recovery

/// What was not done, and stands in an answer of success (contract 1, 8): in a header, as items of a list, as counters of an import.
extension ArangoRefusal {
    /// Nil when all was done.
    init?(in response: HTTPResponse, attempt: String, server: String, redact: Redactor) {
        let codes = response.header("x-arango-error-codes").flatMap { try? JSONValue(parsing: $0) }?.members ?? []
        guard !codes.isEmpty || response.body.first == UInt8(ascii: "[") else { return nil }
        let bad = ((try? JSONValue(parsing: response.body))?.array ?? []).filter { $0["error"]?.bool == true }
        let count = max(bad.count, codes.reduce(0) { $0 + Int(min(max($1.value.int ?? 0, 0), 1 << 32)) })
        guard count > 0 else { return nil }
        let number = bad.first?["errorNum"]?.int ?? codes.first.flatMap { Int64($0.key) }
        let words = bad.first?["errorMessage"]?.string.map { ": \($0)" } ?? ""
        self.init(
            status: response.status, number: number.map(Int.init), text: redact(Self.notTaken(count) + words), attempt: attempt,
            server: server)
    }

    /// The same of an object; nil when all was done.
    init?(in json: JSONValue, status: Int, attempt: String, server: String, redact: Redactor) {
        if json["error"]?.bool == true {
            self.init(
                status: status, number: json["errorNum"]?.int.map(Int.init), text: redact(json["errorMessage"]?.string ?? ""),
                attempt: attempt, server: server)
            return
        }
        guard let errors = json["errors"]?.int, errors > 0 else { return nil }
        let words = json["details"]?.array?.first?.string.map { ": \($0)" } ?? ""
        self.init(status: status, number: nil, text: redact(Self.notTaken(Int(errors)) + words), attempt: attempt, server: server)
    }

    private static func notTaken(_ count: Int) -> String { count == 1 ? "1 document was not taken" : "\(count) documents were not taken" }
}
