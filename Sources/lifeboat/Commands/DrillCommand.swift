import Documents
import Outlets
import Recovery

/// Runs drills on disposable servers, one after the other.
struct DrillCommand: Command {
    static let name = "drill"
    static let usage = "DRILL… [--environment docker|process] [--keep TIME] [--reason TEXT] [--seed NUMBER]"
    static let summary = "restore backups into disposable servers by their runbooks, verify, time, report"
    static let options = [
        CommandOption("--environment docker|process", "where the servers come from, instead of what the configuration says"),
        CommandOption(
            "--keep TIME", "in Docker: leaves the servers for a look, that long after the end (`2h`); `lifeboat sweep --kept` removes them"),
        .reason,
        CommandOption("--seed NUMBER", "repeats a random choice of backups; the report of a drill says which it was"),
    ]

    private let paths: [String]
    private let reason: String?
    private let seed: UInt64?
    private let environment: String?
    private let keep: Duration?

    init(_ arguments: inout Arguments) throws(Failure) {
        reason = try arguments.option("--reason")
        environment = try arguments.option("--environment")
        keep = try arguments.option("--keep").map { text throws(Failure) in
            do throws(Mistake) { return try Duration(scalar: text) } catch {
                throw Failure(.usage, "--keep: \(error.problem)", hint: error.hint)
            }
        }
        let seedText = try arguments.option("--seed")
        seed = seedText.flatMap(UInt64.init)
        if let seedText, seed == nil { throw Failure(.usage, "--seed '\(seedText)' is not a whole number") }
        var paths = [try arguments.required("the path of a drill")]
        while let path = arguments.word() { paths.append(path) }
        self.paths = paths
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var services = services
        services.environmentOption = environment
        // All documents are read before the first drill starts, so that a typing error in the last one costs nothing.
        let drills = try paths.map { try services.drill(at: $0) }
        var outcomes: [RunOutcome] = []
        var results: [RunResult] = []
        for drill in drills {
            let ended: RunSession.Ended
            do {
                ended = try await services.conductor(of: drill, .init(reason: reason, seed: seed, keep: keep)).conduct()
            } catch {
                let failure = Failure.wrapping(error, while: "drill \(drill.document.name)")
                await tell(failure, drill, services, output)
                // One drill that cannot begin keeps no other from being told.
                guard drills.count > 1, services.interruption.signal == nil else { throw error }
                output.complain(Failure(failure.kind, "drill \(drill.document.name) could not begin", cause: failure))
                outcomes.append(RunOutcome(failure))
                continue
            }
            if drills.count == 1 { try output.show(ended, services) } else { output.show(page: ended) }
            results.append(ended.result)
            outcomes.append(ended.result.outcome)
            if services.interruption.signal != nil { break }
        }
        if drills.count > 1 { try output.show(json: .results, ["results": results]) }
        return RunOutcome.worst(outcomes).exitCode(inDrill: true)
    }

    /// That nobody could be told never hides why the drill could not begin.
    private func tell(_ failure: Failure, _ drill: Drill, _ services: Services, _ output: Output) async {
        do { try await services.tell(of: failure, drill: drill) } catch {
            output.complain(Failure.wrapping(error, while: "telling of the drill that could not begin"))
        }
    }
}
