import Recovery

/// Tells that a backup failed or a drill could not begin: which, where, and what kind of trouble it was. Not in the server's words, which
/// may quote rows.
package struct FailureNotice: Sendable {
    package enum Subject: Sendable {
        case backup(policy: String)
        case drill(String)
    }

    package let subject: Subject
    package let host: String
    package let at: Timestamp
    package let kind: Failure.Kind

    package init(_ subject: Subject, host: String, at: Timestamp, kind: Failure.Kind) {
        self.subject = subject
        self.host = host
        self.at = at
        self.kind = kind
    }

    /// As Slack and Mattermost take it.
    package var text: ChatText {
        switch subject {
        case .backup(let policy): "BACKUP FAILED: policy \(policy) on \(host) (\(kind.rawValue)), \(at.text)"
        case .drill(let name): "DRILL COULD NOT BEGIN: \(name) on \(host) (\(kind.rawValue)), \(at.text)"
        }
    }

    /// One line of JSON.
    /// - Throws: `EncodingError`
    package func body() throws -> [UInt8] { try JSONText.encode(Body(text: text.text, lifeboat: Envelope(self)), .oneLine) }

    private struct Body: Encodable {
        let text: String
        let lifeboat: Envelope
    }

    private struct Envelope: Encodable {
        let schema = NoticePayload.schema
        let kind: String
        let policy: String?
        let drill: String?
        let outcome = "failed"
        let failure: Failure.Kind
        let at: Timestamp
        let host: String

        init(_ notice: FailureNotice) {
            switch notice.subject {
            case .backup(let policy): (kind, self.policy, drill) = ("backup", policy, nil)
            case .drill(let name): (kind, policy, drill) = ("drill", nil, name)
            }
            failure = notice.kind
            at = notice.at
            host = notice.host
        }
    }
}
