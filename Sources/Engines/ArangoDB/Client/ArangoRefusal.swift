import Bindings
import Documents
import Recovery

/// What a refusal of ArangoDB means to an operator. Told apart by `errorNum`: texts differ between versions (contract 1, 15).
struct ArangoRefusal: WebRefusal, Sendable {
    let status: Int
    /// Nil: what answered is not ArangoDB.
    let number: Int?
    /// The server's own words; hostile until escaped.
    let text: String
    let attempt: String
    let server: String

    init(status: Int, body: [UInt8], attempt: String, server: String, redact: Redactor = Redactor()) {
        self.status = status
        self.attempt = attempt
        self.server = server
        let json = try? JSONValue(parsing: body)
        number = json?["errorNum"]?.int.map(Int.init)
        text = redact(json?["errorMessage"]?.string ?? Self.words(of: body))
    }

    /// In an answer of success.
    init(status: Int, number: Int?, text: String, attempt: String, server: String) {
        (self.status, self.number, self.text, self.attempt, self.server) = (status, number, text, attempt, server)
    }

    private static func words(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(2000), as: UTF8.self).drop(while: \.isWhitespace)
        guard text.hasPrefix("<") else { return String(text.prefix(1000)) }
        let title = text.firstMatch(of: /(?i)<title>\s*([^<]*?)\s*<\/title>/).map { ", '\($0.1)'" } ?? ""
        return "a page in HTML\(title)"
    }

    /// No such database, collection, view, graph, index or user. Not a path that the server does not know.
    var isAbsence: Bool { [1202, 1203, 1212, 1228, 1703, 1924].contains(number) }
    var isUnknownDatabase: Bool { number == 1228 }
    var isTaken: Bool { [1207, 1702, 1925].contains(number) }
    /// What a batch or a dump was, is gone: it stood idle for too long, or the server was started anew. A replication dump says that with
    /// 404 and the number of a wrong parameter (contract 10.1).
    var isLostContext: Bool { number == 1600 || (status == 404 && (number == 404 || number == 400)) || status == 410 }
    /// The server knows no such call, or does not let us call it.
    var isNoSuchCall: Bool { status == 404 || status == 405 || status == 501 || status == 403 }
    /// The token has run out, or was made by another life of the server.
    var mayBeStaleToken: Bool { status == 401 }

    var mayPass: Bool {
        switch number {
        case 18, 28, 30, 38, 503, 1200, 1429, 1457, 1478, 1496, 21004: true
        default: [408, 429, 502, 503, 504].contains(status)
        }
    }

    var failure: Failure {
        let (kind, hint) = judgement
        let which = number.map { "status \(status), error \($0)" } ?? "status \(status)"
        let said = text.isEmpty ? "\(which), and nothing else" : "\(which): \(text)"
        let failure = Failure(kind, "cannot \(attempt) on \(server)", hint: hint, cause: PlainReason(stringLiteral: said))
        return mayPass ? failure.passing : failure
    }

    private var judgement: (Failure.Kind, String?) {
        if let number, let meaning = ArangoMeaning.all[number] { return (meaning.kind, meaning.hint) }
        return switch status {
        case 200..<300: (.engine, "some documents were taken, and others not: the server names the first of those")
        case 300..<400: (.engine, "it points to another address: write that one as the target's url (https:// instead of http://?)")
        case 401: (.credentials, "check the target's user and password")
        case 403: (.credentials, "the user lacks the right for this: dumps and restores need `rw` on the database, making one on _system")
        case 404 where number == nil:
            (.engine, "the server does not know this call: is the address that of ArangoDB (port 8529), and is no proxy's path missing?")
        case 408: (.timedOut, "the server is busy; try again later")
        case 410: (.engine, "it stood idle for too long; try again")
        case 413: (.engine, "the server, or a proxy before it, takes no body of this size; raise its limit (nginx: client_max_body_size)")
        case 429: (.engine, "something limits how fast the server may be asked; try again later")
        case 502, 503, 504: (.unreachable, "the server, or a proxy before it, is not available at this moment")
        case 500...: (.engine, "the server's log says more")
        default: (.engine, number == nil ? "this is no answer of ArangoDB's; is there a proxy between?" : nil)
        }
    }
}

/// What an error number means, and what to do.
struct ArangoMeaning: Sendable {
    let kind: Failure.Kind
    let hint: String?

    private init(_ kind: Failure.Kind, _ hint: String? = nil) { (self.kind, self.hint) = (kind, hint) }

    static let all: [Int: ArangoMeaning] = [
        11: ArangoMeaning(
            .credentials,
            "check the target's user and password, and its rights: dumps and restores need `rw` on the database, making one on _system"),
        18: ArangoMeaning(.engine, "something holds a lock there for too long; try again when it has ended"),
        28: ArangoMeaning(.engine, "something else is at work on it; try again when it has ended"),
        30: ArangoMeaning(.unreachable, "the server is shutting down"),
        32: ArangoMeaning(.engine, "the server has a limit here (memory of a query, number of databases); see its options"),
        38: ArangoMeaning(.unreachable, "the server is starting"),
        503: ArangoMeaning(.unreachable, "the server is starting, stopping or overloaded; try again later"),
        600: ArangoMeaning(.damaged, "what was sent is no JSON; `lifeboat arangodb verify-dump` tells which file is damaged"),
        1004: ArangoMeaning(
            .refused, "the server is read-only; beyond 100 GiB without a licence it becomes so (3.12.5 and later): see /_admin/license"),
        1200: ArangoMeaning(.engine, "somebody else writes the same documents: stop what uses the database first"),
        1202: ArangoMeaning(.engine, "there is no such document"),
        1203: ArangoMeaning(.engine, "there is no such collection or view; see its name, and the database"),
        1207: ArangoMeaning(.refused, "there is one of that name already; drop it first"),
        1208: ArangoMeaning(.refused, ArangoName.collectionRule),
        1210: ArangoMeaning(
            .engine, "a unique index forbids it: the documents in the dump contradict it, or others are there already"),
        1212: ArangoMeaning(.engine, "there is no such index"),
        1221: ArangoMeaning(.damaged, "a document's _key is none that the server takes"),
        1222: ArangoMeaning(.engine, "the collection makes its keys itself and takes no others"),
        1226: ArangoMeaning(.damaged, "a document has no _key"),
        1227: ArangoMeaning(.damaged, "a line of the dump is no document"),
        1228: ArangoMeaning(.engine, "there is no such database, or the user may not see it"),
        1229: ArangoMeaning(.refused, ArangoName.databaseRule + "; versions before 3.12 take letters, digits, _ and - only"),
        1230: ArangoMeaning(.credentials, "this can be done in _system only, and the user has no access there"),
        1233: ArangoMeaning(.damaged, "an edge has no _from and _to that name documents"),
        1429: ArangoMeaning(.unreachable, "the cluster has too few servers at this moment"),
        1457: ArangoMeaning(.unreachable, "the cluster did not answer in time"),
        1470: ArangoMeaning(.unfit, "this is a server of a cluster, and not a single server"),
        1471: ArangoMeaning(.unfit, "only the coordinator of a cluster does this"),
        1477: ArangoMeaning(.unfit, "this server does not do it; is it a single server?"),
        1478: ArangoMeaning(.unreachable, "a part of the cluster is gone"),
        1485: ArangoMeaning(.refused, "other collections are spread like this one: drop those first"),
        1486: ArangoMeaning(.engine, "the collection that it is spread like is not there"),
        1496: ArangoMeaning(.unreachable, "the cluster is changing; try again"),
        1501: ArangoMeaning(.document, "the query is none; the message names the place"),
        1502: ArangoMeaning(.document, "the query is empty: write one under `aql:`"),
        1551: ArangoMeaning(.document, "a parameter of the query is bound to nothing: see `bind:`"),
        1552: ArangoMeaning(.document, "something is bound that the query does not use: see `bind:`"),
        1600: ArangoMeaning(.engine, "it stood idle for too long, or the server was started anew"),
        1620: ArangoMeaning(.engine, "the documents do not fit the schema of the collection"),
        1655: ArangoMeaning(.engine, "the transaction stood idle for too long"),
        21004: ArangoMeaning(.engine, "the server is overloaded; try again later"),
    ]
}

extension Failure {
    /// Nobody answered.
    init(arango error: HTTPError, cannot attempt: String, on server: String) {
        let (kind, hint): (Kind, String?) =
            switch error.kind {
            case .unreachable:
                (.unreachable, "check that the server runs, that host and port are right (8529) and that no firewall is between")
            case .tlsFailed:
                (.credentials, "check the certificate and the scheme: http:// for a server without TLS; ?ca=FILE names another authority")
            case .timedOut: (.timedOut, "the server is slow or overloaded; its log says what it does")
            case .connectionLost:
                (.unreachable, "the server, or a proxy before it, ended the connection; its log says why (a crash, a restart, a time-out)")
            case .protocolError: (.unreachable, "what answers there does not speak HTTP; a server with TLS needs https://")
            case .tooLarge: (.engine, "this is more than an ArangoDB server answers")
            case .invalidRequest: (.configuration, "check the target's url and user")
            case .cancelled: (.bug, nil)
            }
        self.init(kind, "cannot \(attempt) on \(server)", hint: hint, cause: error)
    }
}
