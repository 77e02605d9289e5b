import Bindings
import Documents

/// One request to an ArangoDB server.
struct ArangoCall: Sendable {
    /// Follows "cannot": `count the documents of collection 'books'`.
    let attempt: String
    let method: String
    let database: String?
    /// Below the server's base, escaped.
    let path: String
    var headers: [HTTPHeader] = []
    var body: HTTPRequest.Body = .none
    /// Whether asking twice is asking once: it is repeated when nobody answered, or the server asked for that.
    var isRepeatable: Bool
    /// For all of it. Nil: as long as it takes.
    var deadline: Duration? = .seconds(60)
    /// Bytes of an answer that is collected.
    var limit = 1 << 30

    /// - Parameter database: nil for what belongs to no database, which is asked of `_system`.
    init(_ attempt: String, _ method: String, in database: String?, _ components: [String], query: [(String, String)] = []) {
        self.attempt = attempt
        self.method = method
        self.database = database
        let place = database.map { ["_db", $0] } ?? []
        let arguments = query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        path = "/" + (place + components).map(\.percentEncoded).joined(separator: "/") + (arguments.isEmpty ? "" : "?\(arguments)")
        isRepeatable = method == "GET"
    }

    func json(_ value: JSONValue) -> ArangoCall { body(Array(value.text().utf8), "application/json") }

    func body(_ bytes: [UInt8], _ type: String) -> ArangoCall {
        var call = self
        call.body = .bytes(bytes)
        call.headers.append(HTTPHeader("Content-Type", type))
        return call
    }

    /// What may be asked for twice though it is no GET.
    var repeatable: ArangoCall {
        var call = self
        call.isRepeatable = true
        return call
    }

    /// What must not be asked for twice though it is a GET.
    var once: ArangoCall {
        var call = self
        call.isRepeatable = false
        return call
    }

    /// However long it takes.
    var unhurried: ArangoCall {
        var call = self
        call.deadline = nil
        return call
    }
}
