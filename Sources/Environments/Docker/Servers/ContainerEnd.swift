import Recovery

/// How a container ended, in words.
struct ContainerEnd: Sendable {
    let words: String
    let hint: String?
    /// Nothing that the server did itself: somebody stopped or killed it.
    var cameFromOutside = false

    static let moreMemory =
        "give the drill's servers more: `servers: {docker: {memory: …}}` in the configuration; or give the machine more"

    /// Looks at a container that has ended. Engines hear of the end first, and a moment later that it was for want of memory.
    static func of(_ id: String, on engine: DockerEngine, _ limits: ContainerLimits, _ time: any TimeSource) async -> ContainerEnd {
        do {
            var facts = try await engine.inspectContainer(id)
            for _ in 0..<10 where facts.exitCode == 137 && !facts.ranOutOfMemory {
                try await time.sleep(for: .milliseconds(100))
                facts = try await engine.inspectContainer(id)
            }
            return ContainerEnd(facts, limits)
        } catch let refusal as DockerRefusal where refusal.isMissing {
            return ContainerEnd(words: "its container is gone", hint: "somebody has removed it", cameFromOutside: true)
        } catch {
            let why = (error as? DockerRefusal)?.asFailure ?? Failure.wrapping(error, while: "looking at a container")
            return ContainerEnd(words: "how is not known, since lifeboat \(why.problem)", hint: why.hint, cameFromOutside: why.mayPass)
        }
    }

    init(words: String, hint: String?, cameFromOutside: Bool) {
        self.words = words
        self.hint = hint
        self.cameFromOutside = cameFromOutside
    }

    init(_ facts: ContainerFacts, _ limits: ContainerLimits) {
        if facts.ranOutOfMemory || facts.exitCode == 137 {
            let limit = "\(limits.memory >> 20) MiB"
            words =
                facts.ranOutOfMemory
                ? "it was killed because it used more than its \(limit) of memory (status 137)"
                : "it was killed (status 137): by somebody, or by the kernel for want of memory (its own limit is \(limit))"
            hint = Self.moreMemory
            cameFromOutside = !facts.ranOutOfMemory
        } else {
            words = facts.error.isEmpty ? "it exited with status \(facts.exitCode)" : "it could not run: \(facts.error)"
            hint = nil
        }
    }
}
