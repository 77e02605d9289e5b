import Recovery

extension SampleResults {
    /// What somebody might name a table to harm a reader: markup, quotes, terminal escapes in both spellings, a bell,
    /// direction marks, line ends of every kind, a zero-width space, mentions and links of chat programs.
    package static let hostileText =
        "<script>alert(1)</script>\"'&amp; --><![CDATA[ ]]> \u{1B}[2J\u{1B}]0;owned\u{7}\u{9B}31m \u{202E}gpj.exe\u{202C}\u{2066}\u{2069}\u{200E}\u{200F}"
        + " \u{2028}\u{2029}\r\n\u{85}\u{200B}\u{FEFF}\u{0} <!channel> @all `x` [link](javascript:alert(1)) ${IFS}"

    /// A result in which every text that can come from elsewhere is hostile.
    package static func hostile() -> RunResult {
        let bad = hostileText
        let failure = FailureRecord(kind: .engine, problem: "cannot \(bad)", causes: [bad, bad], hint: bad)
        let object = ObjectName(target: bad, kind: bad, name: bad)
        let step = StepRecord(
            path: "1.1", id: bad, name: bad, kind: bad, status: .failed, because: bad, exercised: false,
            attempts: [
                .init(number: 1, offsetSeconds: 1, tookSeconds: 2, status: .broke, problem: bad),
                .init(number: 2, offsetSeconds: 4, tookSeconds: 2, status: .failed, problem: bad),
            ],
            phases: [PhaseTime(.verify, seconds: 2)],
            effects: [
                Effect(.destroy, object, .unknown(because: bad), refill: .init(backupRole: bad, nameInBackup: bad)),
                Effect(.change, object, .known(count: 1, unit: bad, bytes: 1)), Effect(.create, object, .absent),
            ],
            checks: [
                CheckResult(bad, bad, expected: bad, actual: bad, verdict: .differed, tolerance: bad),
                CheckResult(bad, bad, expected: bad, actual: bad, verdict: .held, tolerance: bad),
                .undetermined(bad, bad, expected: bad, because: bad),
            ],
            facts: [bad: .text(bad), "nan": .number(.nan), "flag": .flag(true)], notes: [bad], failure: failure)
        return counted(
            RunResult(
                run: "20261201T020000Z-\(bad)", kind: .drill, name: bad, title: bad, outcome: .failed, exitCode: 2, rehearsal: true,
                startedAt: start,
                endedAt: start.advanced(bySeconds: 6), tookSeconds: 6,
                interruptions: [.init(from: start.advanced(bySeconds: 3), to: start.advanced(bySeconds: 4))],
                objectives: .init(rtoSeconds: 5, rpoSeconds: -5, newestUsableBackup: bad, referenceTime: start),
                backups: [
                    .init(
                        runbook: bad, role: bad, id: bad, policy: bad, target: bad, engine: bad, engineVersion: bad, recoveryPoint: start,
                        bytes: 1,
                        artifacts: 1, manifestSHA256: bad, chosen: bad)
                ],
                passedOver: [.init(id: bad, kind: .damaged, why: bad)],
                environment: .init(
                    kind: bad, isolation: bad, servers: [.init(name: bad, engine: bad, version: bad, standIn: true)],
                    provisionings: [.init(offsetSeconds: 0, tookSeconds: 1)]),
                parts: [
                    .init(
                        kind: .runbook, name: bad, title: bad, version: 1, owner: bad, reviewed: bad,
                        bindings: [.init(.target, bad, bad), .init(.input, bad, bad)], tookSeconds: 5, phases: [], steps: [step])
                ],
                checks: CheckTally(), notExercised: [NotExercised(bad, because: bad)], notices: [bad], failure: failure, failedStep: "1.1",
                next: [.init(bad, bad)],
                evidence: .init(
                    documents: [.init(kind: bad, path: bad, sha256: bad)], lifeboatVersion: bad, host: bad, system: bad, operatorName: bad,
                    sudoFrom: bad, reason: bad, tools: [.init(name: bad, version: bad)], journal: bad, journalSHA256: bad, randomSeed: 81)))
    }
}
