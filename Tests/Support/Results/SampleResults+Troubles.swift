import Recovery

extension SampleResults {
    /// Verification found three differences and one comparison that could not be made.
    package static func failed() -> RunResult {
        var result = passed()
        result.outcome = .failed
        result.exitCode = 2
        result.parts[1].steps[6].status = .failed
        result.parts[1].steps[6].attempts = [.init(number: 1, offsetSeconds: 180, tookSeconds: 19.3, status: .failed)]
        result.parts[1].steps[6].checks.insert(
            contentsOf: [
                CheckResult("table public.loans", "rows", expected: 10_800, actual: 10_799),
                CheckResult("index public.chunks_embedding_idx", "valid", expected: "valid", actual: "INVALID"),
                CheckResult(
                    "query newest loan", "max(lent_at)", expected: "2026-11-30 22:48:00+00", actual: "2026-11-27 09:12:44+00",
                    verdict: .differed,
                    tolerance: "within 2 h of the backup"),
                .undetermined("table audit.events", "rows", expected: "76800", because: "permission denied for schema audit"),
            ], at: 2)
        result.parts[1].steps[7] = notReached(8, "Start the application", "app.start")
        result.failedStep = "1.7"
        result.failure = FailureRecord(
            kind: .differs, problem: "verification found differences: table public.loans, rows: expected 10800, found 10799, and 3 more",
            hint: "the report lists every finding")
        return counted(result)
    }

    /// A real recovery that broke in its third attempt to restore.
    package static func broke() -> RunResult {
        var result = passed()
        result.kind = .run
        result.name = "postgres-database"
        result.title = "Rebuild a database from its dump"
        result.outcome = .broke(.engine)
        result.exitCode = 1
        let failure = FailureRecord(
            kind: .engine, problem: "cannot restore the dump into database app of db",
            causes: [
                "pg_restore ended with status 1",
                "could not extend file \"base/16401/16420\": No space left on device",
            ],
            hint: "make 1.9 GiB free on the server's data disk, then resume")
        var restore = result.parts[1].steps[5]
        restore.status = .broke
        restore.failure = failure
        restore.phases = [PhaseTime(.restore, seconds: 31)]
        restore.attempts = [
            .init(number: 1, offsetSeconds: 33.5, tookSeconds: 30.2, status: .broke, problem: "the connection was lost"),
            .init(number: 2, offsetSeconds: 68.7, tookSeconds: 29.9, status: .broke, problem: "the connection was lost"),
            .init(number: 3, offsetSeconds: 108.6, tookSeconds: 31, status: .broke, problem: failure.problem),
        ]
        result.parts = [result.parts[1], result.parts[2]]
        result.parts[0].steps[5] = restore
        result.parts[0].steps[6] = notReached(7, "Verify with sample queries", "postgres.verify")
        result.parts[0].steps[7] = notReached(8, "Start the application", "app.start")
        result.environment = .init(
            kind: "real", isolation: "not isolated: these are the configured servers",
            servers: [.init(name: "app-db", engine: "postgres", version: "15.10", standIn: false)], provisionings: [])
        result.objectives = .init(referenceTime: start)
        result.notExercised = []
        result.failure = failure
        result.failedStep = "1.6"
        result.notices = ["the application library is stopped and stays stopped"]
        result.next = [
            .init("lifeboat resume 20261201T020000Z-7f3a9c", "to go on with the restore"),
            .init("lifeboat restore --backup _safety/20261201T020000Z-7f3a9c/app-db", "to put back what was in database app before"),
        ]
        result.tookSeconds = 140
        return counted(result)
    }

    /// A drill that was killed once, resumed in a new environment, and stopped by SIGTERM in the end.
    package static func interrupted() -> RunResult {
        var result = passed()
        result.outcome = .interrupted(.terminate)
        result.exitCode = 143
        result.interruptions = [.init(from: start.advanced(bySeconds: 60), to: start.advanced(bySeconds: 7260))]
        result.environment.provisionings.append(.init(offsetSeconds: 60.1, tookSeconds: 3.4))
        result.parts[1].steps = Array(result.parts[1].steps.prefix(6))
        for index in 0..<5 {
            let first = result.parts[1].steps[index].attempts[0]
            result.parts[1].steps[index].attempts.append(
                .init(number: 2, offsetSeconds: first.offsetSeconds + 58, tookSeconds: first.tookSeconds, status: .passed))
        }
        result.parts[1].steps[5].status = .interrupted
        result.parts[1].steps[5].phases = [PhaseTime(.restore, seconds: 24)]
        result.parts[1].steps[5].attempts = [
            .init(number: 1, offsetSeconds: 33.5, tookSeconds: 26.5, status: .interrupted, problem: "the host went down"),
            .init(number: 2, offsetSeconds: 92, tookSeconds: 24, status: .interrupted, problem: "SIGTERM"),
        ]
        result.objectives.rtoSeconds = nil
        result.objectives.rtoWithProvisioningSeconds = nil
        result.failedStep = "1.6"
        result.tookSeconds = 118
        result.next = [.init("lifeboat resume 20261201T020000Z-7f3a9c", "to go on with the restore")]
        return counted(result)
    }

    /// Everything held, and the newest backup was damaged.
    package static func passedOver() -> RunResult {
        var result = passed()
        result.outcome = .incomplete
        result.exitCode = 3
        result.passedOver = [
            .init(id: "nightly/20261201T004800Z-77aa01/app-db", kind: .damaged, why: "dump/toc.dat has 0 bytes instead of 40213"),
            .init(id: "nightly/20261201T014800Z-0c11de/app-db", kind: .unfinished, why: "its set was not finished"),
        ]
        return result
    }

    /// Passed, on a stand-in, and too slow.
    package static func rehearsal() -> RunResult {
        var result = passed()
        result.rehearsal = true
        result.outcome = .objectiveMissed
        result.exitCode = 4
        result.objectives.rtoObjectiveSeconds = 120
        result.environment.servers.append(.init(name: "vectors", engine: "qdrant", version: "1.18.3 (stand-in)", standIn: true))
        return result
    }

    /// As little as a result can hold: refused before the first step.
    package static func minimal() -> RunResult {
        RunResult(
            run: "20261201T020000Z-000000", kind: .run, name: "empty", title: "", outcome: .unverified, exitCode: 3, rehearsal: false,
            startedAt: start, endedAt: start, tookSeconds: 0, interruptions: [], objectives: .init(referenceTime: start), backups: [],
            environment: .init(kind: "real", isolation: "none", servers: [], provisionings: []), parts: [], checks: CheckTally(),
            notExercised: [],
            notices: [], failure: nil, failedStep: nil,
            evidence: .init(
                documents: [], lifeboatVersion: "0.1.0", host: "h", system: "s", operatorName: "o", reason: nil, tools: [], journal: "/j",
                journalSHA256: nil, randomSeed: nil))
    }

    /// Three thousand comparisons, of which `differing` did not hold.
    package static func large(differing: Int) -> RunResult {
        var result = passed()
        result.parts[1].steps[6].checks = (0..<3000).map {
            CheckResult("table app.t\($0)", "rows", expected: $0, actual: $0 < differing ? -1 : $0)
        }
        if differing > 0 {
            result.outcome = .failed
            result.exitCode = 2
            result.parts[1].steps[6].status = .failed
        }
        return counted(result)
    }

    private static func notReached(_ number: Int, _ name: String, _ kind: String) -> StepRecord {
        StepRecord(path: "1.\(number)", id: nil, name: name, kind: kind, status: .notReached)
    }

    /// With the tally made of its own checks.
    package static func counted(_ result: RunResult) -> RunResult {
        var result = result
        result.checks = CheckTally(result.parts.flatMap(\.steps).flatMap(\.checks))
        return result
    }
}
