import Recovery

/// A drill of several stores that belong together.
extension SampleResults {
    /// Each store came back as it was captured, and two passages have no point.
    package static func apart() -> RunResult {
        var result = passed()
        result.outcome = .failed
        result.exitCode = 2
        result.failedStep = "across.1"
        result.sets = [
            RecoverySet(
                id: "nightly/20261130T224800Z-4f1c9a", targets: ["app-db", "vectors"], recoveryPoint: start.advanced(bySeconds: -11_520),
                spreadSeconds: 4.25, complete: true)
        ]
        result.parts[1].rtoSeconds = 192.4
        result.parts[1].rtoObjectiveSeconds = 120
        let across = RunResult.Part(
            kind: .across, name: "across", title: "Across stores", tookSeconds: 0.4, phases: [PhaseTime(.verify, seconds: 0.4)],
            steps: [
                StepRecord(
                    path: "across.1", id: nil, name: "Every passage has its point", kind: "references.verify", status: .failed,
                    attempts: [.init(number: 1, offsetSeconds: 202, tookSeconds: 0.4, status: .failed)],
                    phases: [PhaseTime(.verify, seconds: 0.4)],
                    checks: [
                        CheckResult(
                            "app.public.chunks.id on 'db'", "found in book_chunks on 'vectors'", expected: "8000 found",
                            actual: "7998 found; missing: 4711, 4712", verdict: .differed, compared: 8000)
                    ])
            ])
        result.parts.insert(across, at: 2)
        result.checks = CheckTally(result.parts.flatMap(\.steps).flatMap(\.checks))
        result.failure = FailureRecord(
            kind: .differs,
            problem:
                "verification found differences: app.public.chunks.id on 'db', found in book_chunks on 'vectors': expected 8000 found, found 7998 found; missing: 4711, 4712",
            hint: "the report lists every finding")
        return result
    }
}
