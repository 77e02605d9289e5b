import Outlets
import Recovery
import Stores

/// Gives an unfinished run up.
struct AbandonCommand: Command {
    static let name = "abandon"
    static let usage = "RUN"
    static let summary = "give an unfinished run up: it can no longer be resumed, and what it left behind may be swept"

    private let run: RunID

    init(_ arguments: inout Arguments) throws(Failure) { run = RunID(rawValue: try arguments.required("the id of a run")) }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let session: RunSession
        do { session = try await RunSession.resume(run, in: services.world) { _ in [] } } catch let failure as Failure
            where failure.kind == .damaged
        {
            let kept = try await services.folders.setAside(run)
            output.show("run \(run.rawValue) is given up: \(failure.problem)")
            output.show("what there is of its journal is kept in \(kept)")
            try output.show(json: .abandoned, ["run": run.rawValue, "journal": kept])
            return 0
        }
        var verdict = Runner.Verdict()
        verdict.outcomes = [.broke(.declined)]
        verdict.failure = Failure(.declined, "the run was given up with `lifeboat abandon`")
        for words in await services.giveBack(session.started) { await session.trouble(words, &verdict) }
        let ended = await session.end(verdict, formats: [], next: [])
        output.show("run \(ended.result.run) is given up; `lifeboat sweep` removes what it left behind")
        try output.show(json: ended.result)
        return 0
    }
}
