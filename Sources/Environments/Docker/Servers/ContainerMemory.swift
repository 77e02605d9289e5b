import Recovery

/// Whether a container's memory was too small for what runs in it: the kernel ends one of its processes then, and it need not be the one
/// that keeps the container alive. Counted by the kernel, read inside.
struct ContainerMemory: Sendable {
    let container: String
    let engine: DockerEngine

    /// How many of its processes were ended for want of memory; nil where that cannot be told.
    func kills() async -> Int? {
        // Control groups of version 2, and of version 1.
        let files = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"]
        guard let answer = try? await engine.execute(["cat"] + files, in: container, within: .seconds(20)) else { return nil }
        return answer.output.split(separator: "\n").lazy.compactMap { line -> Int? in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "oom_kill" ? Int(words[1]) : nil
        }.first
    }
}
