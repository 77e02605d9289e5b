import Outlets
import Recovery

/// Gives an unfinished run up.
struct AbandonCommand: Command {
    static let name = "abandon"
    static let usage = "RUN"
    static let summary = "give an unfinished run up: it can no longer be resumed, and what it left behind may be swept"

    private let run: RunID

    init(_ arguments: inout Arguments) throws(Failure) { run = RunID(rawValue: try arguments.required("the id of a run")) }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let session = try await RunSession.resume(run, in: services.world) { _ in [] }
        var verdict = Runner.Verdict()
        verdict.outcomes = [.broke(.declined)]
        verdict.failure = Failure(.declined, "the run was given up with `lifeboat abandon`")
        let ended = await session.end(verdict, formats: [], next: [])
        output.show("run \(ended.result.run) is given up; `lifeboat sweep` removes what it left behind")
        try output.show(json: ended.result)
        return 0
    }
}
