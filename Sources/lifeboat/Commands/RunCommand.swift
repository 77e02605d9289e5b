import Bindings
import Outlets
import Recovery

/// Carries a runbook out on configured targets.
struct RunCommand: Command {
    static let name = "run"
    static let usage = RunOptions.usage + " [--confirm NAME] [--accept-unproven TARGET/OBJECT] [--reason TEXT] [--disaster-at TIME]"
    static let summary = "recover configured targets by a runbook: plan, ask, lock, keep a copy, run, report"

    static let options: [CommandOption] =
        RunOptions.options + [
            .confirm,
            .acceptUnproven,
            .reason,
            CommandOption("--disaster-at TIME", "when the data was lost (2026-11-20T02:00:00Z); losses are counted back from there"),
        ]

    private let options: RunOptions
    private let confirmed: [String]
    private let acceptedUnproven: [String]
    private let reason: String?
    private let disasterAt: Timestamp?

    init(_ arguments: inout Arguments) throws(Failure) {
        confirmed = try arguments.options("--confirm")
        acceptedUnproven = try arguments.options("--accept-unproven")
        reason = try arguments.option("--reason")
        let time = try arguments.option("--disaster-at")
        disasterAt = time.flatMap(Timestamp.init(_:))
        if let time, disasterAt == nil {
            throw Failure(.usage, "--disaster-at '\(time)' is not a time", hint: "write it as 2026-11-20T02:00:00Z")
        }
        options = try RunOptions(&arguments)
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var request = options.request(try services.runbook(at: options.path))
        request.confirmed = confirmed
        request.acceptedUnproven = acceptedUnproven
        request.reason = reason
        request.disasterAt = disasterAt
        let ended = try await services.runConductor(request).conduct { plan in
            // Standard output carries the result; the plan is read before it.
            try? StandardStream.errors.write(TextPlan(style: output.errorStyle, width: output.width).text(plan) + "\n")
        }
        try output.show(ended, services)
        return ended.result.exitCode
    }
}
