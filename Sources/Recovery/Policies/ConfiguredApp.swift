/// A real application, reached the way the configuration says: by commands or by requests.
package struct ConfiguredApp: AppControl {
    package let name: String
    private let document: AppDocument
    private let commands: any CommandRunner
    private let web: any WebCaller
    private let time: any TimeSource

    /// How long a stopped application may take until its check says so.
    private static let patience: Duration = .seconds(60)
    private static let answerWithin: Duration = .seconds(10)

    package init(name: String, _ document: AppDocument, commands: any CommandRunner, web: any WebCaller, time: any TimeSource) {
        self.name = name
        self.document = document
        self.commands = commands
        self.web = web
        self.time = time
    }

    package func stop() async throws {
        try await act(document.stop, "stop")
        let end = time.uptime + Self.patience
        while try await isRunning() == true, time.uptime < end { try await time.sleep(for: .milliseconds(100)) }
    }

    package func start() async throws { try await act(document.start, "start") }

    /// By `running:`, else by `healthy:`: a request that nobody answers means that it is down.
    package func isRunning() async throws -> Bool? {
        switch try await ask(document.running ?? document.healthy) {
        case .yes: true
        case .no: document.running == nil ? nil : false
        case .nobody: false
        }
    }

    package func health() async throws -> AppHealth {
        switch try await ask(document.healthy) {
        case .yes(let words): .healthy(words)
        case .no(let words), .nobody(let words): .unhealthy(words)
        }
    }

    private func act(_ action: AppAction, _ verb: String) async throws {
        switch action {
        case .command(let words):
            let outcome = try await commands.run(CommandSpec(words[0], Array(words.dropFirst()), mayLeaveDaemons: true))
            guard outcome.succeeded else {
                throw Failure(
                    .application, "application '\(name)' could not be told to \(verb): \(words[0]) \(outcome.words)",
                    hint: outcome.errors.isEmpty ? nil : "it said: \(outcome.errors.suffix(500))")
            }
        case .http(let url):
            let answer = try await web.send("POST", Secret(url), headers: [:], body: [], within: Self.answerWithin)
            guard (200..<300).contains(answer.status) else {
                throw Failure(.application, "application '\(name)' could not be told to \(verb): it answered with status \(answer.status)")
            }
        }
    }

    private enum Answer {
        case yes(String)
        case no(String)
        /// Nobody is there.
        case nobody(String)
    }

    private func ask(_ action: AppAction) async throws -> Answer {
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
}
