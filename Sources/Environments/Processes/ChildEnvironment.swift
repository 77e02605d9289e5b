/// What child processes get of our own environment: how to find programs and which language to speak. Nothing else: a
/// password or a proxy that happens to be set where we run must not decide what a recovery does.
package struct ChildEnvironment: Sendable {
    package let path: String
    private let variables: [String: String]

    /// - Parameter ours: our whole environment.
    package init(from ours: [String: String]) {
        variables = ours.filter { $0.key == "PATH" || $0.key == "LANG" || $0.key == "LANGUAGE" || $0.key.hasPrefix("LC_") }
        // Under systemd and cron there may be none.
        path = variables["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }

    /// The whole environment of a child that is given `additions`.
    package func adding(_ additions: [String: String]) -> [String: String] {
        variables.merging(["PATH": path]) { given, _ in given }.merging(additions) { _, added in added }
    }
}
