import Recovery

/// The end of what a container has written, without the secrets that it was given.
struct ContainerLog: ServerLog {
    let id: String
    let engine: DockerEngine
    let redact: Redactor

    /// The last lines; empty when there are none, or they cannot be had.
    func end() async -> String {
        let text = (try? await engine.log(of: id, lines: ServiceLog.lines)) ?? ""
        return redact(text.split(whereSeparator: \.isNewline).suffix(ServiceLog.lines).joined(separator: "\n"))
    }
}
