import Documents
import Outlets
import Recovery

/// Is every backup fresh, whole, plausible in size, recently proven? For cron and for monitoring.
struct CheckCommand: Command {
    static let name = "check"
    static let usage = "[POLICY…] [--nagios] [--timeout DURATION]"
    static let summary = "judge the backups of all policies, or of these, from their stores alone; ends with 0, 1, 2 or 3"
    static let options = [
        CommandOption("--nagios", "one line with performance data, for monitoring"),
        CommandOption("--timeout DURATION", "how long the stores may take; with --nagios 9s"),
    ]

    private let policies: [String]
    private let isForNagios: Bool
    private let limit: Duration?

    init(_ arguments: inout Arguments) throws(Failure) {
        isForNagios = arguments.flag("--nagios")
        if let text = try arguments.option("--timeout") {
            do throws(Mistake) { limit = try Duration(scalar: text) } catch {
                throw Failure(.usage, "--timeout: \(error.problem)", hint: error.hint)
            }
        } else {
            // Monitoring kills plugins after ten seconds, and then nobody learns why.
            limit = isForNagios ? .seconds(9) : nil
        }
        var policies: [String] = []
        while let policy = arguments.word() { policies.append(policy) }
        self.policies = policies
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        if isForNagios, output.json {
            throw Failure(.usage, "--nagios and --json are two forms of one output", hint: "leave one of them out")
        }
        let report = try await report(services)
        if isForNagios {
            output.show(page: NagiosLine.render(report))
        } else if output.json {
            output.show(bytes: try CheckJSON.render(report))
        } else {
            output.show(page: CheckText(style: output.style, width: output.width).text(report))
        }
        return report.state.exitCode
    }

    private func report(_ services: Services) async throws -> CheckReport {
        let subjects = try services.checkSubjects(policies)
        let check = Check(time: services.time)
        do {
            return try await services.interruption.cancelling {
                try await withTimeout(limit, services.time, "the check") { try await check.run(subjects) }
            }
        } catch let failure as Failure where failure.kind == .timedOut {
            throw Failure(.timedOut, failure.problem, hint: "give it more with --timeout, or find out why the store is slow")
        }
    }

    /// Whatever goes wrong, it is not known how the backups are: UNKNOWN.
    static func end(by failure: Failure, _ words: [String], _ output: Output) -> Int32? {
        if words.contains("--nagios") { output.show(bytes: Array(NagiosLine.render(failure).utf8)) }
        return CheckState.unknown.exitCode
    }
}
