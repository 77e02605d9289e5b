import Recovery
import TestSupport

/// A drill of three stores: `first` and `second` share nothing, and `last` comes after the first.
struct SideBySideWorld {
    var world = MemoryWorld(given: ["app": [9, 9]])

    /// - Parameter extra: lines between dropping and restoring.
    static func runbook(_ name: String, _ extra: String = "") -> String {
        MemoryWorld.runbook.replacing("runbook: rebuild", with: "runbook: \(name)")
            .replacing("title: Rebuild a database", with: "title: Rebuild \(name)")
            .replacing("  - name: Restore\n", with: "\(extra)  - name: Restore\n")
            + "\nalways:\n  - name: Light\n    exec: {command: [app, start, \(name)], rerun: safe, in_drills: run}\n"
    }

    static let meet = "  - name: Meet\n    memory.meet: {at: middle, count: 2}\n"

    static let drill = """
        drill: monthly
        environment:
          one: {engine: memory}
          two: {engine: memory}
          three: {engine: memory}
        runs:
          - runbook: first.yaml
            targets: {db: one}
            backups: {dump: {policy: nightly, target: one}}
          - runbook: second.yaml
            targets: {db: two}
            backups: {dump: {policy: nightly, target: two}}
          - runbook: last.yaml
            targets: {db: three}
            backups: {dump: {policy: nightly, target: three}}
            after: first
        across:
          - name: Every row has its point
            references.verify: {from: {target: one, database: app}, to: {target: two, database: app}}
        """

    func drill(
        first: String = Self.runbook("first", Self.meet), second: String = Self.runbook("second", Self.meet),
        last: String = Self.runbook("last"), _ drill: String = Self.drill
    ) async throws -> Drill {
        _ = try await world.putSet(targets: ["one", "two", "three"])
        return try world.drill(
            runbook: "", others: ["first.yaml": first, "second.yaml": second, "last.yaml": last], drill: drill)
    }

    func conduct(_ drill: Drill) async throws -> RunResult { try await world.conductor(drill).conduct().result }

    /// Goes on with the only run there is.
    func resume(_ drill: Drill, _ choices: StepChoices = .none) async throws -> RunResult {
        let run = try await world.folders.list()[0]
        let session = try await RunSession.resume(run, in: world.world, choosing: choices) { _ in [] }
        return try await world.conductor(drill).resume(session).result
    }

    /// Whether one step had come to its last end before the other one last began.
    func isEnd(of path: String, before later: String) throws -> Bool {
        let lines = try world.folders.lines()
        let end = lines.last { if case .stepEnded(let step) = $0.event { step.path == path } else { false } }
        let start = lines.last { if case .stepStarted(let step) = $0.event { step.path == later } else { false } }
        guard let end, let start else { return false }
        return end.seq < start.seq
    }

    /// The servers of the newest generation, in the order of the environment.
    var servers: [MemoryServer] {
        let last = world.provider.started
        return last < 3 ? [] : (last - 2...last).map(world.provider.server)
    }
}

extension RunResult {
    /// `1.1 passed`.
    var statuses: [String] { parts.flatMap(\.steps).map { "\($0.path) \($0.status.rawValue)" } }

    func statuses(_ number: Int) -> [StepRecord.Status] { parts[number - 1].steps.map(\.status) }

    /// From the first attempt's start to the last one's end.
    func span(_ number: Int) -> ClosedRange<Double> {
        let attempts = parts[number - 1].steps.flatMap(\.attempts)
        let start = attempts.map(\.offsetSeconds).min() ?? 0
        return start...max(start, attempts.map { $0.offsetSeconds + $0.tookSeconds }.max() ?? 0)
    }
}
