import Bindings
import Documents
import Recovery

/// What a refusal of Qdrant means to an operator. Statuses and texts as in the contract's table 2.3, recorded on 1.18.3 and 1.16.3.
struct QdrantRefusal: WebRefusal, Sendable {
    let status: Int
    /// The server's own words; hostile until escaped.
    let text: String
    let attempt: String
    let server: String

    init(status: Int, body: [UInt8], attempt: String, server: String, redact: Redactor = Redactor()) {
        self.status = status
        self.attempt = attempt
        self.server = server
        text = redact(Self.words(in: body))
    }

    /// Three kinds of bodies: JSON with `status.error`, plain text, nothing. What stands before a server answers with pages.
    private static func words(in body: [UInt8]) -> String {
        if let json = try? JSONValue(parsing: body), let status = json["status"] {
            if let words = status["error"]?.string ?? status.string { return words.withoutQueries }
        }
        let text = String(decoding: body.prefix(2000), as: UTF8.self).drop(while: \.isWhitespace)
        guard text.hasPrefix("<") else { return String(text.prefix(1000)).withoutQueries }
        let title = text.firstMatch(of: /(?i)<title>\s*([^<]*?)\s*<\/title>/).map { ", '\($0.1)'" } ?? ""
        return "a page in HTML\(title)"
    }

    /// No such collection, snapshot or point. Not a call that the server does not know (empty), and not what a proxy says (a page): that is
    /// nobody's absence.
    var isAbsence: Bool { status == 404 && text.hasPrefix("Not found:") }

    /// The collection's data cannot be read: a recover was cut off or came in the way of a snapshot. Another recover mends it.
    var meansBrokenCollection: Bool {
        status == 500 && ["Dirty shard", "Failed to restore local replica", "Local shard"].contains { text.contains($0) }
    }

    /// What a recover says when a snapshot of the collection came in its way; what it leaves behind another recover mends (contract 0.2).
    var meansOverlap: Bool { status == 500 && text.contains("Directory not empty") }

    /// Somebody between us and the server gave up waiting, and the server goes on.
    var isLostAnswer: Bool { [408, 499, 502, 504, 524].contains(status) }

    /// The same question may be answered a moment later.
    var mayPass: Bool {
        switch status {
        case 408, 429, 502, 503, 504: true
        case 500: ["Timeout", "timed out", "Tonic status error"].contains { text.contains($0) } || isBetweenShards
        default: false
        }
    }

    private var isBetweenShards: Bool { text.contains("Local shard") && text.contains("not found") }

    var failure: Failure {
        let (kind, hint) = judgement
        let said = text.isEmpty ? "it answered with status \(status) and nothing else" : "status \(status): \(text)"
        let failure = Failure(kind, "cannot \(attempt) on \(server)", hint: hint, cause: Said(words: said))
        return mayPass ? failure.passing : failure
    }

    /// The innermost reason, in the server's words.
    private struct Said: Error, CustomStringConvertible {
        let words: String
        var description: String { words }
    }

    private var judgement: (Failure.Kind, String?) {
        if let sign = QdrantSign.all.first(where: { $0.fits(self) }) { return (sign.kind, sign.hint) }
        return switch status {
        case 300..<400: (.engine, "it points to another address: write that one as the target's url (https:// instead of http://?)")
        case 400: (.engine, nil)
        case 401: (.credentials, "check the target's api_key (or token): the server knows no such key")
        case 403: (.credentials, "the key is read-only or expired, or lacks a right; recovering needs a key with full access")
        case 404:
            (
                .engine,
                "the server does not know this call: is the address that of Qdrant's REST interface (port 6333), and is no proxy's path missing?"
            )
        case 408: (.timedOut, "the server is busy; try again later")
        case 409: (.engine, "there is one already; see `lifeboat plan` for what is on the server")
        case 413: (.engine, "the server, or a proxy before it, takes no body of this size; raise its limit (nginx: client_max_body_size)")
        case 415, 422: (.engine, "the server refuses how this was asked; its version may not know it")
        case 429: (.engine, "the server limits how fast it may be asked (strict mode); try again later or raise its limits")
        case 500: (.engine, "the server's log says more")
        case 502, 503, 504:
            (
                .unreachable,
                "the server, or a proxy before it, is not available at this moment; a proxy needs a longer time-out for snapshots"
            )
        case 507: (.engine, "the server's disk is full, or its quota is used up: make room there")
        default: (.engine, "this is no answer of Qdrant's; is there a proxy between?")
        }
    }
}

extension String {
    /// Addresses without what is behind `?`: presigned ones carry their secret there.
    var withoutQueries: String { replacing(/(https?:\/\/[^\s?"'`)]*)\?[^\s"'`)]*/) { "\($0.1)?…" } }
}

extension Failure {
    /// An order that got no answer may have been taken all the same; not when there was no connection to send it over.
    var mayHaveBeenHeard: Bool {
        if let error = cause as? HTTPError {
            return error.kind == .timedOut || error.kind == .connectionLost || error.kind == .protocolError
        }
        return isWorthRetrying
    }

    /// Nobody answered.
    init(_ error: HTTPError, cannot attempt: String, on server: String) {
        let (kind, hint): (Kind, String?) =
            switch error.kind {
            case .unreachable:
                (.unreachable, "check that the server runs, that host and port are right (REST is 6333) and that no firewall is between")
            case .tlsFailed:
                (.credentials, "check the certificate and the scheme: http:// for a server without TLS; ?ca=FILE names another authority")
            case .timedOut: (.timedOut, "the server is slow or overloaded; its log says what it does")
            case .connectionLost:
                (
                    .unreachable,
                    "the server, or a proxy before it, ended the connection; its log says why (a crash, a restart, a time-out, or it wants https://)"
                )
            case .protocolError:
                (.unreachable, "what answers there does not speak HTTP: 6333 is REST, 6334 gRPC; a server with TLS needs https://")
            case .tooLarge: (.engine, "this is more than a Qdrant server answers")
            // What is to be uploaded is read while it is sent.
            case .invalidRequest where error.message.contains(": cannot read "):
                (.localStorage, "check the folder and the disk where the backup, or the copy of it, lies")
            case .invalidRequest: (.configuration, "check the target's url and key")
            case .cancelled: (.bug, nil)
            }
        self.init(kind, "cannot \(attempt) on \(server)", hint: hint, cause: error)
    }
}
