import Recovery

/// Goes on with a run that was cut off.
struct ResumeCommand: Command {
    static let name = "resume"
    static let usage = "[RUN]"
    static let summary = "go on with a run that was interrupted; the newest one that can be, when none is named"

    private let run: String?

    init(_ arguments: inout Arguments) throws(Failure) { run = arguments.word() }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let ended = try await services.resume(run)
        try output.show(ended, services)
        return ended.result.exitCode
    }
}
