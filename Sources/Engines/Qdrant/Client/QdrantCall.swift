import Bindings
import Documents

/// One request to a Qdrant server.
struct QdrantCall: Sendable {
    /// Follows "cannot": `count the points of collection 'books'`.
    let attempt: String
    let method: String
    /// Below the server's base, escaped.
    let path: String
    var headers: [HTTPHeader] = []
    var body: HTTPRequest.Body = .none
    /// Whether asking twice is asking once: it is repeated when nobody answered, or the server asked for that.
    var isRepeatable: Bool
    /// For all of it. Nil: as long as it takes, which is how long snapshots and recovers take.
    var deadline: Duration? = .seconds(60)
    /// Bytes of an answer that is collected.
    var limit = 256 << 20

    init(_ attempt: String, _ method: String, _ components: [String], query: [(String, String)] = []) {
        self.attempt = attempt
        self.method = method
        let arguments = query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        path = "/" + components.map(\.percentEncoded).joined(separator: "/") + (arguments.isEmpty ? "" : "?\(arguments)")
        isRepeatable = method == "GET"
    }

    /// With a body of JSON.
    func json(_ value: JSONValue) -> QdrantCall { json(Array(value.text().utf8)) }

    func json(_ bytes: [UInt8]) -> QdrantCall {
        var call = self
        call.body = .bytes(bytes)
        call.headers.append(HTTPHeader("Content-Type", "application/json"))
        return call
    }

    /// A question that comes as a POST.
    var asking: QdrantCall {
        var call = self
        call.isRepeatable = true
        return call
    }

    /// However long it takes.
    var unhurried: QdrantCall {
        var call = self
        call.deadline = nil
        return call
    }
}

/// What a server said with a status of success.
struct QdrantAnswer: Sendable {
    let status: Int
    let headers: [HTTPHeader]
    let body: [UInt8]

    /// 202: it will be done, or not; nobody says which.
    var isMerelyAccepted: Bool { status == 202 }
}
