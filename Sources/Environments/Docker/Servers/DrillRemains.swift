import Recovery

/// Removes all containers, networks and volumes of one generation of a drill's environment, by their labels; and of those before it,
/// since an engine may still have made what its client asked for and did not live to see.
struct DrillRemains: Sendable {
    let engine: DockerEngine
    let time: any TimeSource

    /// Goes on to the end whatever cannot be removed, and then throws `Failure(.environmentUnavailable)` that names it. What stands in the
    /// way and comes and goes by itself is waited for.
    func remove(_ labels: DockerLabels) async throws {
        try await Infrastructure.trying(time) { try await removeAll(labels) }
    }

    private static let rounds = 10

    /// Until there is nothing more: the engine may be at work on what it was asked for, or told to remove, before.
    private func removeAll(_ labels: DockerLabels) async throws {
        var ours = try await things(labels)
        for round in 1...Self.rounds where !ours.isEmpty {
            if round > 1 { try await time.sleep(for: .milliseconds(100)) }
            try await remove(ours)
            ours = try await things(labels)
        }
        guard ours.isEmpty else { throw Self.failure(ours.map { "\($0.kind) \($0.name)" }, because: nil) }
    }

    private func things(_ labels: DockerLabels) async throws -> [DockerThing] {
        try await dockerFailures { try await engine.things(labelled: "\(DockerLabels.prefix)run=\(labels.run)") }
            .filter { (DockerLabels($0.labels)?.generation ?? .max) <= labels.generation }
    }

    private func remove(_ ours: [DockerThing]) async throws {
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
        guard left.isEmpty else { throw Self.failure(left, because: why) }
    }

    private static func failure(_ left: [String], because why: Failure?) -> Failure {
        let failure = Failure(
            .environmentUnavailable, "could not remove \(left.sorted().joined(separator: ", "))",
            hint: why?.hint ?? "`lifeboat sweep` tries again later", cause: why)
        return why?.mayPass == true ? failure.passing : failure
    }
}
