import Recovery

/// Removes all containers, networks and volumes of one generation of a drill's environment, by their labels; and of those before it,
/// since an engine may still have made what its client asked for and did not live to see.
struct DrillRemains: Sendable {
    let engine: DockerEngine

    /// Goes on to the end whatever cannot be removed, and then throws `Failure(.environmentUnavailable)` that names it.
    func remove(_ labels: DockerLabels) async throws {
        let ours = try await dockerFailures { try await engine.things(labelled: "\(DockerLabels.prefix)run=\(labels.run)") }
            .filter { (DockerLabels($0.labels)?.generation ?? .max) <= labels.generation }
        var left: [String] = []
        var why: Failure?
        // What nobody uses any more goes together.
        for kinds in [[DockerThing.Kind.container], [.network, .volume]] {
            let failures = await withTaskGroup(of: (DockerThing, Failure)?.self, returning: [(DockerThing, Failure)].self) { group in
                for thing in ours where kinds.contains(thing.kind) {
                    group.addTask {
                        do {
                            try await dockerFailures { try await engine.remove(thing) }
                            return nil
                        } catch {
                            return (thing, Failure.wrapping(error, while: "removing \(thing.kind) \(thing.name)"))
                        }
                    }
                }
                return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
            }
            left += failures.map { "\($0.0.kind) \($0.0.name)" }
            why = why ?? failures.first?.1
        }
        guard left.isEmpty else {
            throw Failure(
                .environmentUnavailable, "could not remove \(left.sorted().joined(separator: ", "))",
                hint: "`lifeboat sweep` tries again later", cause: why)
        }
    }
}
