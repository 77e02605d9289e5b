import Recovery

/// How a container ended, in words.
struct ContainerEnd: Sendable {
    let words: String
    let hint: String?
    /// Nothing that the server did itself: somebody stopped or killed it.
    var cameFromOutside = false

    static func of(_ id: String, on engine: DockerEngine, _ limits: ContainerLimits) async -> ContainerEnd {
        guard let facts = try? await engine.inspectContainer(id) else {
            return ContainerEnd(words: "its container is gone", hint: "somebody has removed it")
        }
        return ContainerEnd(facts, limits)
    }

    init(words: String, hint: String?) {
        self.words = words
        self.hint = hint
    }

    init(_ facts: ContainerFacts, _ limits: ContainerLimits) {
        if facts.ranOutOfMemory || facts.exitCode == 137 {
            let limit = "\(limits.memory >> 20) MiB"
            words =
                facts.ranOutOfMemory
                ? "it was killed because it used more than its \(limit) of memory (status 137)"
                : "it was killed (status 137): by somebody, or by the kernel for want of memory (its own limit is \(limit))"
            hint = "give the drill's servers more: `servers: {docker: {memory: …}}` in the configuration; or give the machine more"
            cameFromOutside = !facts.ranOutOfMemory
        } else {
            words = facts.error.isEmpty ? "it exited with status \(facts.exitCode)" : "it could not run: \(facts.error)"
            hint = nil
        }
    }
}
