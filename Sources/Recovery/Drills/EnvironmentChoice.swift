/// Where a drill may get its servers from, best first.
package struct EnvironmentChoice: Sendable {
    private let candidates: [any EnvironmentProvider]

    /// - Parameter candidates: at least one.
    package init(_ candidates: [any EnvironmentProvider]) { self.candidates = candidates }

    /// The first that has what these servers need, or can get it. Why another one was passed over is said.
    ///
    /// Throws what the last one lacks.
    package func choose(
        for servers: [(name: String, recipe: any ServerRecipe)], _ time: any TimeSource, say: @Sendable (String) -> Void
    ) async throws -> any EnvironmentProvider {
        for candidate in candidates.dropLast() {
            do {
                try await candidate.prepare(servers)
                return candidate
            } catch let failure as Failure {
                say("not in \(candidate.kind): \(failure.problem)")
            }
        }
        guard let last = candidates.last else { throw Failure(.bug, "there is nowhere to start servers") }
        try await Infrastructure.trying(time, say: say) { try await last.prepare(servers) }
        return last
    }

    /// That of the kind that a drill was begun with.
    package func ofKind(_ kind: String) throws -> any EnvironmentProvider {
        guard let provider = candidates.first(where: { $0.kind == kind }) else {
            throw Failure(
                .environmentUnavailable, "the drill was begun with servers of the kind '\(kind)', which there is none of here",
                hint: "go on with it where it was begun, or give it up with `lifeboat abandon`")
        }
        return provider
    }

    package var all: [any EnvironmentProvider] { candidates }
}
