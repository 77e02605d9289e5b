/// What a journal says about a run so far, in the form that resuming and reporting ask for.
package struct RunHistory: Sendable {
    package let started: RunStarted
    package let lines: [JournalLine]
    /// Ends of attempts by path, in order.
    package private(set) var ended: [String: [StepEnded]] = [:]
    /// Attempts that began, by path.
    package private(set) var begun: [String: [StepStarted]] = [:]
    package private(set) var remembered: [String: [String: Fact]] = [:]
    package private(set) var generation = 0
    package private(set) var environment = EnvironmentState.none
    package private(set) var end: RunEnded?
    /// What each target last said of itself, by the name it has in the configuration.
    package private(set) var identified: [String: Identified] = [:]
    /// What somebody has agreed to, oldest first.
    package private(set) var confirmed: [Confirmed] = []
    package private(set) var steering: Steering

    /// What there is of the servers of the newest generation.
    package enum EnvironmentState: Sendable {
        /// Nothing: they were never started, or have been removed.
        case none
        /// They may be there in part.
        case starting
        case up
    }

    /// Throws `Failure(.notFound)` for an empty journal, `.damaged` for one without its first event, `.unfit` for a newer format.
    package init(_ lines: [JournalLine], of run: RunID) throws {
        guard let first = lines.first else {
            throw Failure(
                .notFound, "run \(run) died before the first line of its journal was written",
                hint: "nothing was done yet: begin a new one; `lifeboat sweep` removes its folder")
        }
        guard case .runStarted(let started) = first.event else {
            throw Failure(
                .damaged, "the journal of run \(run) does not begin with the beginning of a run",
                hint: "something else has written there; it can neither be shown nor resumed")
        }
        guard started.format == RunStarted.currentFormat else {
            throw Failure(.unfit, "the journal of run \(run) has format \(started.format)", hint: "use the lifeboat that wrote it")
        }
        self.init(started, lines)
    }

    /// For a run whose first event is at hand.
    init(_ started: RunStarted, _ lines: [JournalLine]) {
        self.started = started
        self.lines = lines
        steering = Steering(started.parts)
        steering.take(started.choices ?? .none, finished: [])
        for line in lines { take(line.event) }
    }

    private mutating func take(_ event: JournalEvent) {
        switch event {
        case .stepStarted(let step):
            begun[step.path, default: []].append(step)
            steering.began(step.path)
        case .stepRemembered(let memory): remembered[memory.path, default: [:]][memory.key] = memory.value
        case .stepEnded(let step): ended[step.path, default: []].append(step)
        case .environmentStarting(let environment):
            generation = environment.generation
            // What was remembered of servers that are gone is true of nothing any more.
            remembered = [:]
            self.environment = .starting
        case .environmentStarted, .environmentAdopted: environment = .up
        case .environmentEnded: environment = .none
        case .runEnded(let end): self.end = end
        case .runResumed(let resumed):
            end = nil
            steering.take(resumed.choices ?? .none, finished: finished)
        case .identified(let identity): identified[identity.target] = identity
        case .confirmed(let confirmation): confirmed.append(confirmation)
        case .runStarted, .proven, .notice: break
        }
    }

    /// Paths of the steps that began on the newest servers and did not come through: cut off, or gone wrong.
    package var unfinished: Set<String> {
        Set(begun.filter { $0.value.last?.generation == generation }.keys).subtracting(finished)
    }

    /// Paths of the steps whose last attempt passed, or was left out.
    package var finished: Set<String> {
        Set(
            ended.compactMap { path, ends in
                guard let last = ends.last, last.status == .passed || last.status == .skipped else { return nil }
                return last.attempt >= (begun[path]?.last?.attempt ?? 0) ? path : nil
            })
    }

    /// The facts of finished steps that have an id, for `${step.ID.fact}`.
    package func facts(of parts: [KeptPart]) -> [String: [String: Fact]] {
        var facts: [String: [String: Fact]] = [:]
        for step in parts.flatMap(\.steps) {
            guard let id = step.id, let end = ended[step.path]?.last, end.status == .passed else { continue }
            facts[id] = end.facts
        }
        return facts
    }
}
