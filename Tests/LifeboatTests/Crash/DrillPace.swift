import Bindings
import Recovery
import Synchronization
import TestSupport

/// How far a drill in containers has come, as it is seen from outside: by the lines of its journal, and by what the engine does for it.
final class DrillSightings: Sendable {
    private let engine: EngineEvents
    private let journal = Mutex(Life.JournalTail())

    init(_ engine: EngineEvents) { self.engine = engine }

    /// How much there was to be seen so far of the runs in these folders.
    func count(of runs: [String]) -> Int {
        let names = runs.compactMap { $0.split(separator: "/").last.map(String.init) }
        let lines = runs.first.map { run in journal.withLock { $0.lines(in: "\(run)/journal.jsonl") } } ?? 0
        return lines + engine.lines.count { line in names.contains { line.contains($0) } }
    }
}

/// When an undisturbed drill comes how far: instants of another one are found again by what is seen of it, whatever the machine is busy
/// with.
struct DrillPace: Sendable {
    /// Since its start; the nth is that of the nth sighting.
    private let sightings: [Duration]
    private let whole: Duration

    /// Lets a drill pass and watches it.
    static func of(_ life: Life, _ arguments: [String], _ engine: EngineEvents) async throws -> DrillPace {
        let clock = ContinuousClock()
        let program = try await life.start(arguments)
        let start = clock.now
        let seen = DrillSightings(engine)
        let times = Mutex<[Duration]>([])
        await life.watch(program) { runs in
            let count = seen.count(of: runs)
            times.withLock { times in
                while times.count < count { times.append(clock.now - start) }
            }
            return false
        }
        let end = try await program.waitForExit()
        guard end == .exited(0) else { throw TestFailure("the undisturbed drill did not pass: \(program.printed)") }
        return DrillPace(sightings: times.withLock { $0 }, whole: clock.now - start)
    }

    var count: Int { sightings.count }

    /// Kills the drill when it has come as far as the undisturbed one at this share of its time. Returns in words when that was; nil when it
    /// came to its end before.
    func kill(_ program: RunningProgram, of life: Life, at share: Double, _ engine: EngineEvents) async throws -> String? {
        let instant = whole * share
        let sighting = sightings.count { $0 <= instant }
        let later = instant - (sighting == 0 ? .zero : sightings[sighting - 1])
        let clock = ContinuousClock()
        let seen = DrillSightings(engine)
        let due = Mutex<ContinuousClock.Instant?>(sighting == 0 ? clock.now + later : nil)
        let lines = try await life.kill(program) { runs in
            due.withLock { due in
                let count = seen.count(of: runs)
                if due == nil, count >= sighting { due = clock.now + later }
                // One that is faster is killed before it has come further.
                return count > sighting || due.map { $0 <= clock.now } ?? false
            }
        }
        return lines.map { "\(later) after sighting \(sighting) of \(count), at line \($0)" }
    }
}
