import Bindings
import Recovery

/// Brings one server up, or leaves nothing of it.
struct ServerStart: Sendable {
    let name: String
    let recipe: any ServerRecipe
    let work: WorkFolder
    let mark: OwnerMark
    let account: UserAccount?
    let environment: ChildEnvironment
    let ports: Ports
    let digests: any Digesting
    let time: any TimeSource
    let readyWithin: Duration

    private static let tries = 3

    func callAsFunction() async throws -> RunningServer {
        for _ in 1..<Self.tries {
            do { return try await start(on: try ports.take()) } catch is PortTaken {}
        }
        do { return try await start(on: try ports.take()) } catch let taken as PortTaken { throw taken.failure }
    }

    private func start(on port: TakenPort) async throws -> RunningServer {
        let password = Secret(digests.sha256(digests.randomBytes(24)))
        let place = try await work.makePlace(for: mark, ownedBy: account)
        let log = ServiceLog(path: place.log, redact: Redactor([password]))
        var process: GuardedProcess?
        do {
            let plan = try await recipe.processPlan(
                in: ProcessPlace(folder: place.folder, port: port.number, password: password, account: account?.name))
            try await prepare(plan, in: place, redact: log.redact)
            let started = try await launch(plan, in: place)
            process = started
            let identity = try await waitUntilReady(started, at: plan.address, on: port, log)
            return RunningServer(
                name: name, place: place, log: log,
                life: ServerLife(
                    started, stopSignal: plan.stopSignal, grace: plan.grace, time: time, launch: { try await launch(plan, in: place) },
                    waitUntilReady: { again in
                        do { _ = try await waitUntilReady(again, at: plan.address, on: port, log) } catch let taken as PortTaken {
                            throw taken.failure
                        }
                    }), port: port,
                started: StartedServer(engine: recipe.engine, address: plan.address, identity: identity, storage: plan.storage))
        } catch {
            await process?.stop(grace: .zero)
            try? await work.remove(place)
            throw error
        }
    }
}

extension ServerStart {
    private func prepare(_ plan: ProcessPlan, in place: ServicePlace, redact: Redactor) async throws {
        for file in plan.files {
            guard file.path.hasPrefix(place.folder + "/") else {
                throw Failure(.bug, "the recipe of \(recipe.engine) writes \(file.path), which is outside \(place.folder)")
            }
            try await work.write(file.content, to: file.path, ownedBy: account)
        }
        let commands = ChildCommands(environment: environment)
        for step in plan.preparation {
            let outcome = try await commands.run(inPlace(step, place))
            if outcome.succeeded { continue }
            let words = redact(outcome.errors.split(whereSeparator: \.isNewline).suffix(ServiceLog.lines).joined(separator: "\n"))
            throw Failure(
                .environmentUnavailable, "cannot prepare server '\(name)' (\(recipe.engine)): \(step.executable) \(outcome.words)",
                hint: "what it said tells why", cause: words.isEmpty ? nil : Failure(.environmentUnavailable, "it said:\n\(words)"))
        }
    }

    private func launch(_ plan: ProcessPlan, in place: ServicePlace) async throws -> GuardedProcess {
        let command = try Command(inPlace(plan.server, place), in: environment)
        do {
            return try await GuardedProcess.start(
                command, log: place.log, stopSignal: plan.stopSignal, grace: plan.grace, removing: place.everything)
        } catch {
            throw error.asFailure
        }
    }

    /// Whatever the recipe says of accounts: as root we never run a server.
    private func inPlace(_ command: CommandSpec, _ place: ServicePlace) -> CommandSpec {
        var command = command
        command.account = command.account ?? account?.name
        command.folder = command.folder ?? place.folder
        command.logFile = nil
        return command
    }

    private func waitUntilReady(
        _ process: GuardedProcess, at address: ServerAddress, on port: TakenPort, _ log: ServiceLog
    ) async throws -> ServerIdentity {
        let readiness = Readiness(name: name, recipe: recipe, within: readyWithin, time: time, log: log)
        let identity = try await readiness.identity(
            at: address, orEnd: { _ = try await process.waitForExit() }, isRunning: { process.isRunning })
        if let identity { return identity }
        let status = try await process.waitForExit()
        let failure = await readiness.endedEarly("it \(status)", cameFromOutside: status.isKilled)
        throw port.isInUse ? PortTaken(failure: failure) : failure
    }
}

/// Somebody else has taken the port between our looking for one and the server's asking for it.
private struct PortTaken: Error {
    let failure: Failure
}
