import Outlets
import Recovery

/// Sends a notice on its way: to a webhook, or into a command.
struct Notices: Sendable {
    let web: any WebCaller
    let commands: any CommandRunner

    private static let patience: Duration = .seconds(10)

    /// Throws `Failure` when it did not get through. Carries no words of servers: they may quote rows.
    func send(_ standing: RunResult, to alert: AlertBinding, _ words: String?) async throws {
        try await send(NoticePayload(RunNotice(standing, words: words)).body(), to: alert)
    }

    /// Throws `Failure` when it did not get through.
    func send(_ message: [UInt8], to alert: AlertBinding) async throws {
        var body = message
        switch alert.way {
        case .webhook(let url):
            let answer = try await web.send(
                "POST", url, headers: ["Content-Type": NoticePayload.contentType], body: body, within: Self.patience)
            guard (200..<300).contains(answer.status) else {
                throw Failure(
                    .application, "the webhook of alert '\(alert.name)' answered with status \(answer.status)",
                    hint: "check its address in the configuration")
            }
        case .command(let command):
            body.append(UInt8(ascii: "\n"))
            let outcome = try await commands.run(CommandSpec(command[0], Array(command.dropFirst()), standardInput: body))
            guard outcome.succeeded else {
                throw Failure(
                    .application, "the command of alert '\(alert.name)' \(outcome.words)",
                    hint: outcome.errors.isEmpty ? nil : "it said: \(outcome.errors.suffix(300))")
            }
        }
    }
}
