import Recovery

/// A notice as the body of a webhook: `text` for Slack and Mattermost, and the same in fields under `lifeboat` for
/// programs.
package struct NoticePayload: Sendable {
    package static let schema = "lifeboat.notice/1"
    package static let contentType = "application/json; charset=utf-8"

    package let notice: RunNotice

    package init(_ notice: RunNotice) { self.notice = notice }

    /// One line of JSON.
    /// - Throws: `EncodingError`
    package func body() throws -> [UInt8] { try JSONText.encode(Body(text: text.text, lifeboat: Envelope(notice)), .oneLine) }

    /// A drill is marked as one first of all: nobody should run to a server because of it.
    package var text: ChatText {
        var text: ChatText = "\(headline) \(notice.name) on \(notice.host), after \(Readable.duration(notice.tookSeconds))"
        if let step = notice.failedStep { text = text + ", at step \(step)" }
        if notice.findings > 0 { text = text + ", \(Readable.count(notice.findings, "finding", "findings"))" }
        if let words = notice.words { text = text + ", \(words)" }
        if let report = notice.report { text = text + ", report: \(report)" }
        return text + ", run \(notice.run)"
    }

    private var headline: ChatText {
        let rehearsal: ChatText = notice.rehearsal ? " (rehearsal, not evidence)" : ""
        let kind: ChatText = notice.kind == .drill ? "DRILL " : "RUN "
        return kind + word + rehearsal + ":"
    }

    private var word: ChatText {
        switch notice.outcome {
        case nil: "is under way"
        case .passed: "passed"
        case .failed: "FAILED"
        case .broke: "BROKE"
        case .paused: "PAUSED, waits for a person"
        case .unverified: "NOT VERIFIED"
        case .objectiveMissed: "passed, OBJECTIVE MISSED"
        case .incomplete: "INCOMPLETE"
        case .interrupted: "INTERRUPTED"
        }
    }

    private struct Body: Encodable {
        let text: String
        let lifeboat: Envelope
    }

    private struct Envelope: Encodable {
        let schema: String
        let run: String
        let kind: RunResult.Kind
        let name: String
        let outcome: RunOutcome?
        let rehearsal: Bool
        let failedStep: String?
        let findings: Int
        let tookSeconds: Double
        let at: Timestamp
        let host: String
        let words: String?
        let report: String?

        init(_ notice: RunNotice) {
            schema = NoticePayload.schema
            run = notice.run
            kind = notice.kind
            name = notice.name
            outcome = notice.outcome
            rehearsal = notice.rehearsal
            failedStep = notice.failedStep
            findings = notice.findings
            tookSeconds = notice.tookSeconds
            at = notice.at
            host = notice.host
            words = notice.words
            report = notice.report
        }
    }
}
