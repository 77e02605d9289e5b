import Recovery

/// Results to draw reports from: one of each kind that a reader meets.
package enum SampleResults {
    package static let start = Timestamp(millisecondsSince1970: 1_796_090_400_000)

    /// A monthly drill in which everything held.
    package static func passed() -> RunResult {
        let runbook = RunResult.Part(
            kind: .runbook, name: "postgres-database", title: "Rebuild a database from its dump", version: 3, owner: "dba",
            reviewed: "2026-11-01",
            bindings: [
                .init(.target, "db", "db"), .init(.app, "library", "shop"), .init(.backup, "dump", backup.id),
                .init(.input, "database", "app"),
            ],
            tookSeconds: 192.4,
            phases: [
                PhaseTime(.prove, seconds: 14.2), PhaseTime(.app, seconds: 2.9), PhaseTime(.save, seconds: 9.1),
                PhaseTime(.restore, seconds: 98.3), PhaseTime(.index, seconds: 41.7), PhaseTime(.analyze, seconds: 6.4),
                PhaseTime(.verify, seconds: 19.3), PhaseTime(.other, seconds: 0.5),
            ],
            steps: recoverySteps())
        return RunResult(
            run: "20261201T020000Z-7f3a9c", kind: .drill, name: "monthly", title: "Monthly recovery drill of the library", outcome: .passed,
            exitCode: 0, rehearsal: false, startedAt: start, endedAt: start.advanced(bySeconds: 207.1), tookSeconds: 207.1,
            interruptions: [],
            objectives: .init(
                rtoSeconds: 192.4, rtoObjectiveSeconds: 3600, rtoWithProvisioningSeconds: 195.6, rpoSeconds: 11_520,
                rpoObjectiveSeconds: 93_600,
                restoredAgeSeconds: 11_520, newestUsableBackup: backup.id, referenceTime: start),
            backups: [backup], environment: environment, parts: [given, runbook, always],
            checks: CheckTally((given.steps + runbook.steps + always.steps).flatMap(\.checks)),
            notExercised: [
                NotExercised("subscription app_feed", because: "left out of the restore: a disposable server must not phone home"),
                NotExercised(
                    "foreign server reporting (postgres_fdw)", because: "left out of the restore: a disposable server must not phone home"),
                NotExercised("Tell the channel", because: "notices of a drill go nowhere unless the drill says so"),
            ],
            notices: [], failure: nil, failedStep: nil, evidence: evidence)
    }

    package static let backup = RunResult.BackupUsed(
        runbook: "postgres-database", role: "dump", id: "nightly/20261130T224800Z-4f1c9a/app-db", policy: "nightly", target: "app-db",
        engine: "postgres", engineVersion: "15.10", recoveryPoint: start.advanced(bySeconds: -11_520), bytes: 904_311_204, artifacts: 41,
        manifestSHA256: "3b1f0c6f4f1d0b0a9c7e8d55b7c1f1de0f0a7b2f5d3f94a1a0f6e8a8d7c5b4a3", chosen: "latest")

    package static let environment = RunResult.Environment(
        kind: "process", isolation: "servers listen on loopback only, with random ports and passwords; no network namespace of their own",
        servers: [
            .init(name: "db", engine: "postgres", version: "15.10 (Debian 15.10-0+deb12u1)", standIn: false),
            .init(name: "shop", engine: "app", version: "library-app", standIn: false),
        ],
        provisionings: [.init(offsetSeconds: 0.2, tookSeconds: 3.2)])

    package static let evidence = RunResult.Evidence(
        documents: [
            .init(kind: "drill", path: "drills/monthly.yaml", sha256: "a6c1d0f2be9e3d3c1f83b6a4b9d2c7f05e41d0c9387b6a5f4e3d2c1b0a998877"),
            .init(
                kind: "runbook", path: "runbooks/postgres-database.yaml",
                sha256: "5d41402abc4b2a76b9719d911017c592aa11bb22cc33dd44ee55ff6677889900"),
            .init(
                kind: "configuration", path: "/etc/lifeboat/lifeboat.yaml",
                sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ],
        lifeboatVersion: "0.1.0", host: "drill-01",
        system: "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-28-amd64, x86_64, 2 cores, 7.8 GiB",
        operatorName: "lifeboat", sudoFrom: nil, reason: "monthly drill, change ticket OPS-1482",
        tools: [.init(name: "pg_dump", version: "15.10"), .init(name: "pg_restore", version: "15.10")],
        journal: "/var/lib/lifeboat/runs/20261201T020000Z-7f3a9c/journal.jsonl",
        journalSHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", randomSeed: 81)

    package static let given = RunResult.Part(
        kind: .given, name: "given", title: "Given before the disaster", tookSeconds: 4.1, phases: [PhaseTime(.other, seconds: 4.1)],
        steps: [
            StepRecord(
                path: "given.1", id: nil, name: "A database that is in the way", kind: "postgres.sql", status: .passed,
                attempts: [.init(number: 1, offsetSeconds: 3.6, tookSeconds: 4.1, status: .passed)],
                phases: [PhaseTime(.other, seconds: 4.1)])
        ])

    package static let always = RunResult.Part(
        kind: .always, name: "always", title: "Always", tookSeconds: 0, phases: [],
        steps: [
            StepRecord(
                path: "always.1", id: nil, name: "Tell the channel", kind: "notify", status: .skipped,
                because: "notices of a drill go nowhere unless the drill says so", exercised: false)
        ])

    package static func recoverySteps() -> [StepRecord] {
        let app = ObjectName(target: "db", kind: "database", name: "app")
        return [
            step(
                1, "Prove the dump first", "backup.verify", at: 8, phases: [(.prove, 14.2)],
                checks: [
                    CheckResult("backup dump", "bytes hashed", expected: "904311204", actual: "904311204", verdict: .held, compared: 41)
                ], notes: ["41 artifacts, 862.4 MiB, every byte hashed"]),
            step(2, "Stop the application", "app.stop", at: 22.3, phases: [(.app, 1.2)]),
            step(3, "Keep what is still readable", "backup.take", at: 23.6, phases: [(.save, 9.1)]),
            step(
                4, "Drop the database", "postgres.drop-database", at: 32.8, phases: [(.other, 0.3)],
                effects: [
                    Effect(
                        .destroy, app, .known(count: 0, unit: "tables", bytes: 7_340_032),
                        refill: .init(backupRole: "dump", nameInBackup: "app"))
                ]),
            step(
                5, "Create it as it was", "postgres.create-database", at: 33.2, phases: [(.other, 0.2)],
                effects: [Effect(.create, app, .absent)]),
            step(
                6, "Restore", "postgres.restore", at: 33.5, phases: [(.restore, 98.3), (.index, 41.7), (.analyze, 6.4)],
                effects: [
                    Effect(.change, app, .known(count: 482_211, unit: "rows", bytes: nil))
                ], facts: ["rows": .integer(482_211), "jobs": .integer(2)], notes: ["4 objects left out, see not exercised"]),
            step(7, "Verify with sample queries", "postgres.verify", at: 180, phases: [(.verify, 19.3)], checks: verifyChecks()),
            step(
                8, "Start the application", "app.start", at: 199.4, phases: [(.app, 1.7)],
                checks: [
                    CheckResult("app library", "answers", expected: "200 from /health", actual: "200 from /health", verdict: .held)
                ]),
        ]
    }

    package static func verifyChecks() -> [CheckResult] {
        let tables = ["books", "chunks", "loans", "readers", "authors", "shelves", "fines", "audit.events"]
        var checks = tables.enumerated().map { number, table in
            CheckResult(
                "table public.\(table)", "rows", expected: 1200 * (number + 1) * (number + 1), actual: 1200 * (number + 1) * (number + 1))
        }
        checks += tables.map {
            CheckResult(
                "table public.\($0)", "definition", expected: "as in the backup", actual: "as in the backup", verdict: .held, compared: 14)
        }
        checks += [
            CheckResult("extension vector", "version", expected: "0.8.0", actual: "0.8.0"),
            CheckResult("sequence public.loans_id_seq", "not behind", expected: "at least 43200", actual: "43233", verdict: .held),
            CheckResult("query nearest chunks", "rows", expected: "3, 17, 8, 44, 2", actual: "3, 17, 8, 44, 2"),
            CheckResult(
                "query newest loan", "max(lent_at)", expected: "2026-11-30 22:48:00+00", actual: "2026-11-30 22:31:09+00", verdict: .held,
                tolerance: "within 2 h of the backup"),
        ]
        return checks
    }

    /// One step, in one attempt unless told otherwise.
    package static func step(
        _ number: Int, _ name: String, _ kind: String, at offset: Double, phases: [(Phase, Double)], status: StepRecord.Status = .passed,
        effects: [Effect] = [], checks: [CheckResult] = [], facts: [String: Fact] = [:], notes: [String] = [], failure: FailureRecord? = nil
    ) -> StepRecord {
        let took = phases.reduce(0) { $0 + $1.1 }
        return StepRecord(
            path: "1.\(number)", id: nil, name: name, kind: kind, status: status,
            attempts: [.init(number: 1, offsetSeconds: offset, tookSeconds: took, status: status, problem: failure?.problem)],
            phases: phases.map { PhaseTime($0.0, seconds: $0.1) }, effects: effects, checks: checks, facts: facts, notes: notes,
            failure: failure)
    }
}
