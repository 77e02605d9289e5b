import Recovery

/// Tells that a backup failed: which, where, and what kind of trouble it was. Not in the server's words, which may quote rows.
package struct BackupNotice: Sendable {
    package let policy: String
    package let host: String
    package let at: Timestamp
    package let kind: Failure.Kind

    package init(policy: String, host: String, at: Timestamp, kind: Failure.Kind) {
        self.policy = policy
        self.host = host
        self.at = at
        self.kind = kind
    }

    /// As Slack and Mattermost take it.
    package var text: ChatText { "BACKUP FAILED: policy \(policy) on \(host) (\(kind.rawValue)), \(at.text)" }

    /// One line of JSON.
    /// - Throws: `EncodingError`
    package func body() throws -> [UInt8] { try JSONText.encode(Body(text: text.text, lifeboat: Envelope(self)), .oneLine) }

    private struct Body: Encodable {
        let text: String
        let lifeboat: Envelope
    }

    private struct Envelope: Encodable {
        let schema = NoticePayload.schema
        let kind = "backup"
        let policy: String
        let outcome = "failed"
        let failure: Failure.Kind
        let at: Timestamp
        let host: String

        init(_ notice: BackupNotice) {
            policy = notice.policy
            failure = notice.kind
            at = notice.at
            host = notice.host
        }
    }
}
