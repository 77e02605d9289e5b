/// A value that never prints itself.
///
/// Not `Encodable`, not `Equatable`, not `Hashable`: the only way to the value is `reveal`, which is easy
/// to search for.
package struct Secret: Sendable {
    private let value: String

    package init(_ value: String) { self.value = value }

    package func reveal<Result>(_ use: (String) throws -> Result) rethrows -> Result { try use(value) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "‹secret›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Removes known secrets from text on its way out, for the text we do not write ourselves: server messages,
/// command output.
package struct Redactor: Sendable {
    private let secrets: [String]

    package init(_ secrets: [Secret] = []) {
        // Longest first, so that a secret containing another is removed whole. Very short ones are left: replacing
        // every "a" would destroy the text and give the secret away by the gaps.
        self.secrets = secrets.map { $0.reveal { $0 } }.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    package func callAsFunction(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "‹secret›") }
    }
}

extension Failure {
    /// The same failure, its causes too, without the secrets that a server may have repeated.
    package func redacted(by redact: Redactor) -> Failure {
        let inner: (any Error & Sendable)? = cause.map { error in
            if let failure = error as? Failure { return failure.redacted(by: redact) }
            return Failure(kind, redact(String(describing: error)))
        }
        return Failure(kind, redact(problem), hint: hint.map(redact.callAsFunction), cause: inner)
    }
}
