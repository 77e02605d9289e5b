import Bindings
import Recovery

/// A program that stands in for the application of a runbook. It keeps its port however often it is stopped and started.
actor ProcessApp: AppControl {
    nonisolated let name: String
    private let port: TakenPort
    private let command: Command
    private let healthPath: String?
    private let mark: OwnerMark
    private let work: WorkFolder
    private let web: any WebCaller
    private let time: any TimeSource
    private let redact: Redactor
    private var running: (process: GuardedProcess, log: ServiceLog)?
    /// What it had written when it was stopped; its log is gone by then.
    private var lastWords = ""

    static let grace = Duration.seconds(10)
    static let answersWithin = Duration.seconds(30)

    init(
        name: String, port: TakenPort, command: Command, healthPath: String?, mark: OwnerMark, work: WorkFolder, web: any WebCaller,
        time: any TimeSource, redact: Redactor
    ) {
        self.name = name
        self.port = port
        self.command = command
        self.healthPath = healthPath
        self.mark = mark
        self.work = work
        self.web = web
        self.time = time
        self.redact = redact
    }

    /// Returns when it accepts requests, if there is a health check to tell by. Started already: nothing happens.
    func start() async throws {
        if let running, running.process.isRunning { return }
        await end()
        let place = try await work.makePlace(for: mark, withFolder: false, ownedBy: nil)
        let log = ServiceLog(path: place.log, redact: redact)
        do {
            running = (try await launch(in: place), log)
            try await waitUntilItAnswers()
        } catch {
            await end()
            try? await work.remove(place)
            throw error
        }
    }

    private func launch(in place: ServicePlace) async throws -> GuardedProcess {
        do {
            return try await GuardedProcess.start(command, log: place.log, grace: Self.grace, removing: place.everything)
        } catch {
            throw error.asFailure
        }
    }

    func stop() async throws { await end() }

    /// Also for one that ended by itself: its log goes with it.
    private func end() async {
        guard let running else { return }
        lastWords = await running.log.end()
        await running.process.stop()
        self.running = nil
    }

    func isRunning() async throws -> Bool? { running?.process.isRunning ?? false }

    func health() async throws -> AppHealth {
        guard let running, running.process.isRunning else { return .unhealthy("it is not running") }
        guard let healthPath else { return .unknown }
        do {
            let answer = try await ask(healthPath, within: .seconds(5))
            let words = "HTTP \(answer.status)"
            if (200..<300).contains(answer.status) { return .healthy(words) }
            let body = redact(String(decoding: answer.body.prefix(200), as: UTF8.self))
            return .unhealthy(body.isEmpty ? words : "\(words): \(body)")
        } catch let failure as Failure {
            return .unhealthy(failure.problem)
        }
    }

    func log() async -> String {
        guard let running else { return lastWords }
        return await running.log.end()
    }

    private func ask(_ path: String, within limit: Duration) async throws -> WebAnswer {
        let path = path.hasPrefix("/") ? path : "/" + path
        return try await web.send("GET", Secret("http://127.0.0.1:\(port.number)\(path)"), headers: [:], body: nil, within: limit)
    }

    /// Any answer will do: it may well say that its database is not there yet.
    private func waitUntilItAnswers() async throws {
        guard let healthPath, let running else { return }
        let deadline = time.uptime + Self.answersWithin
        while true {
            guard running.process.isRunning else {
                let status = try await running.process.waitForExit()
                throw Failure(
                    .application, "application '\(name)' ended as soon as it was started: it \(status)",
                    hint: "the end of its log says why", cause: await running.log.asCause())
            }
            do {
                _ = try await ask(healthPath, within: .seconds(5))
                return
            } catch let failure as Failure {
                guard time.uptime < deadline else {
                    throw Failure(
                        .timedOut,
                        "application '\(name)' was started and did not answer within \(Self.answersWithin.inSeconds) seconds: "
                            + failure.problem,
                        hint: "it is expected to listen on 127.0.0.1 at the port in its environment variable PORT",
                        cause: await running.log.asCause())
                }
            }
            try await time.sleep(for: .milliseconds(20))
        }
    }
}
