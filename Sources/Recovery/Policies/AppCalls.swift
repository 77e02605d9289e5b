/// Tells an application what to do, and asks it how it is: by commands and requests.
struct AppCalls: Sendable {
    let app: String
    let commands: any CommandRunner
    let web: any WebCaller

    private static let answerWithin: Duration = .seconds(10)

    func tell(_ action: AppAction, to verb: String) async throws {
        switch action {
        case .command(let words):
            let outcome = try await commands.run(CommandSpec(words[0], Array(words.dropFirst()), mayLeaveDaemons: true))
            guard outcome.succeeded else {
                throw Failure(
                    .application, "application '\(app)' could not be told to \(verb): \(words[0]) \(outcome.words)",
                    hint: outcome.errors.isEmpty ? nil : "it said: \(outcome.errors.suffix(500))")
            }
        case .http(let url):
            let answer = try await web.send("POST", Secret(url), headers: [:], body: [], within: Self.answerWithin)
            guard (200..<300).contains(answer.status) else {
                throw Failure(.application, "application '\(app)' could not be told to \(verb): it answered with status \(answer.status)")
            }
        }
    }

    enum Answer {
        case yes(String)
        case no(String)
        /// Nobody is there.
        case nobody(String)
    }

    func ask(_ action: AppAction) async throws -> Answer {
        switch action {
        case .command(let words):
            let outcome = try await commands.run(CommandSpec(words[0], Array(words.dropFirst())))
            return outcome.succeeded ? .yes("\(words[0]) \(outcome.words)") : .no("\(words[0]) \(outcome.words)")
        case .http(let url):
            do {
                let answer = try await web.send("GET", Secret(url), headers: [:], body: nil, within: Self.answerWithin)
                return (200..<300).contains(answer.status) ? .yes("status \(answer.status)") : .no("status \(answer.status)")
            } catch let failure as Failure where failure.kind == .unreachable {
                return .nobody(failure.problem)
            } catch let failure as Failure where failure.kind == .timedOut {
                return .no(failure.problem)
            }
        }
    }

    func health(_ action: AppAction) async throws -> AppHealth {
        switch try await ask(action) {
        case .yes(let words): .healthy(words)
        case .no(let words), .nobody(let words): .unhealthy(words)
        }
    }
}
