/// Where a drill may get its servers from, best first.
package struct EnvironmentChoice: Sendable {
    private let candidates: [any EnvironmentProvider]
    private let ruledOut: String?

    /// - Parameters:
    ///   - candidates: at least one.
    ///   - ruledOut: what else there would be, and why it may not be used; said when the others cannot do it.
    package init(_ candidates: [any EnvironmentProvider], ruledOut: String? = nil) {
        self.candidates = candidates
        self.ruledOut = ruledOut
    }

    /// The first that has what these servers need, or can get it. What comes and goes by itself is tried again first. Why another one
    /// was passed over is a warning: its servers would have been cut off further.
    ///
    /// Throws what the last one lacks, or at once what no other one would mend.
    package func choose(
        for servers: [(name: String, recipe: any ServerRecipe)], stopping stoppable: [String] = [], _ time: any TimeSource,
        say: @Sendable (String) -> Void,
        warn: @Sendable (String) -> Void
    ) async throws -> any EnvironmentProvider {
        for candidate in candidates.dropLast() {
            do {
                try Self.requireStopping(stoppable, candidate)
                try await Infrastructure.trying(time, say: say) { try await candidate.prepare(servers) }
                return candidate
            } catch let failure as Failure where Self.isLack(failure) {
                warn("not in \(candidate.kind): \(failure.problem)")
            }
        }
        guard let last = candidates.last else { throw Failure(.bug, "there is nowhere to start servers") }
        do {
            try Self.requireStopping(stoppable, last)
            try await Infrastructure.trying(time, say: say) { try await last.prepare(servers) }
        } catch let failure as Failure {
            if let ruledOut, Self.isLack(failure) { warn(ruledOut) }
            throw failure
        }
        return last
    }

    private static func requireStopping(_ servers: [String], _ provider: any EnvironmentProvider) throws {
        guard let server = servers.first, !provider.canStopServers else { return }
        throw Failure(
            .environmentUnavailable,
            "the drill stops server '\(server)' and changes its storage folder, which those of the kind '\(provider.kind)' keep out of reach",
            hint: "start it with --environment process")
    }

    /// Whether there is no engine, or no image to be had. What is wrong with a document or the configuration is to be put right.
    private static func isLack(_ failure: Failure) -> Bool {
        [.environmentUnavailable, .credentials, .toolMissing].contains(failure.kind)
    }

    /// That of the kind that a drill was begun with.
    package func ofKind(_ kind: String) throws -> any EnvironmentProvider {
        guard let provider = candidates.first(where: { $0.kind == kind }) else {
            throw Failure(
                .environmentUnavailable,
                "the drill was begun with servers of the kind '\(kind)', which \(ruledOut == nil ? "there is none of" : "are not allowed") here",
                hint: "go on with it where it was begun, or give it up with `lifeboat abandon`")
        }
        return provider
    }

    package var all: [any EnvironmentProvider] { candidates }
}
