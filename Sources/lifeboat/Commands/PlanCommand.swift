import Outlets
import Recovery

/// Shows what a run would do, without doing it.
struct PlanCommand: Command {
    static let name = "plan"
    static let usage = RunOptions.usage
    static let options = RunOptions.options
    static let summary = "show what a runbook would do to configured targets; reads only"

    private let options: RunOptions

    init(_ arguments: inout Arguments) throws(Failure) { options = try RunOptions(&arguments) }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let request = options.request(try services.runbook(at: options.path))
        let plan = try await services.runConductor(request).plan()
        output.show(page: TextPlan(style: output.style, width: output.width).text(plan))
        try output.show(json: plan)
        return 0
    }
}
