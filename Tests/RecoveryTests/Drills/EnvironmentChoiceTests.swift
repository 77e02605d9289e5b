import Recovery
import Synchronization
import TestSupport
import Testing

/// Which of several places servers come from: the best that can, and never one that was ruled out.
@Suite(.timeLimit(.minutes(1))) struct EnvironmentChoiceTests {
    /// Fails as often as there are failures, and can then.
    private final class Candidate: EnvironmentProvider {
        let kind: String
        let isolation = ""
        let canStopServers: Bool
        private let failures: Mutex<[Failure]>
        private let asked = Mutex(0)

        init(_ kind: String, failing failures: [Failure] = [], canStopServers: Bool = false) {
            self.kind = kind
            self.canStopServers = canStopServers
            self.failures = Mutex(failures)
        }

        var attempts: Int { asked.withLock { $0 } }

        func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {
            asked.withLock { $0 += 1 }
            if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        }
        func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment { throw Failure(.bug, "nobody starts here") }
        func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
        func remove(_ leftover: Leftover) async throws {}
    }

    private func choose(
        _ candidates: [Candidate], stopping: [String] = [], ruledOut: String? = nil
    ) async throws -> (kind: String, warnings: [String]) {
        let warnings = Mutex<[String]>([])
        do {
            let chosen = try await EnvironmentChoice(candidates, ruledOut: ruledOut).choose(
                for: [], stopping: stopping, InstantTime(), say: { _ in }, warn: { words in warnings.withLock { $0.append(words) } })
            return (chosen.kind, warnings.withLock { $0 })
        } catch let failure as Failure {
            return ("\(failure.kind.rawValue): \(failure.problem)", warnings.withLock { $0 })
        }
    }

    @Test(arguments: [Failure.Kind.environmentUnavailable, .credentials, .toolMissing])
    func whereThereIsNoEngineOrNoImageTheNextOneIsTakenWithAWarning(kind: Failure.Kind) async throws {
        let chosen = try await choose([Candidate("docker", failing: [Failure(kind, "there is none")]), Candidate("process")])
        #expect(chosen.kind == "process")
        #expect(chosen.warnings == ["not in docker: there is none"])
    }

    @Test func whatPassesByItselfIsTriedAgainBeforeAnyOther() async throws {
        let busy = Failure(.environmentUnavailable, "it restarts").passing
        let docker = Candidate("docker", failing: [busy, busy])
        let chosen = try await choose([docker, Candidate("process")])
        #expect(chosen.kind == "docker")
        #expect(chosen.warnings == [])
        #expect(docker.attempts == 3)
    }

    @Test(arguments: [Failure.Kind.configuration, .document, .bug])
    func whatIsToBePutRightIsNotPassedOver(kind: Failure.Kind) async throws {
        let process = Candidate("process")
        let chosen = try await choose([Candidate("docker", failing: [Failure(kind, "it is wrong")]), process])
        #expect(chosen.kind == "\(kind.rawValue): it is wrong")
        #expect(process.attempts == 0)
    }

    /// Before anything is got or started.
    @Test func aDrillThatStopsItsServerRunsWhereThatCanBeDone() async throws {
        let docker = Candidate("docker")
        let refused = try await choose([docker], stopping: ["vectors"])
        #expect(
            refused.kind
                == "environment-unavailable: the drill stops server 'vectors' and changes its storage folder, which those of the kind 'docker' keep out of reach"
        )
        let chosen = try await choose([docker, Candidate("process", canStopServers: true)], stopping: ["vectors"])
        #expect(chosen.kind == "process")
        #expect(chosen.warnings.count == 1)
        #expect(docker.attempts == 0)
        #expect(try await choose([docker], stopping: []).kind == "docker")
    }

    @Test func whatWasRuledOutIsSaidWhenTheOthersCannot() async throws {
        let docker = Candidate("docker", failing: [Failure(.environmentUnavailable, "there is no engine")])
        let chosen = try await choose([docker], ruledOut: "not as processes")
        #expect(chosen.kind == "environment-unavailable: there is no engine")
        #expect(chosen.warnings == ["not as processes"])
        #expect(try await choose([Candidate("docker")], ruledOut: "not as processes").warnings == [])
    }
}
