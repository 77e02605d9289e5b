import Recovery

/// What a server of ours has written, as failures show it: without the secrets that it was given.
protocol ServerLog: Sendable {
    /// The last lines; empty when there are none, or they cannot be had.
    func end() async -> String
}

extension ServerLog {
    /// As the reason below a failure; nil when the log is empty.
    func asCause() async -> Failure? {
        let end = await end()
        return end.isEmpty ? nil : Failure(.environmentUnavailable, "its log ends with:\n\(end)")
    }
}
