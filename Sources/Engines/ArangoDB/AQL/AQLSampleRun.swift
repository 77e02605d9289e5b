import Recovery

/// Puts sample queries to a restored database.
struct AQLSampleRun: Sendable {
    let target: ReadableArango
    let database: String
    let context: SampleContext
    let say: @Sendable (String) -> Void

    /// More rows than this are counted and not kept.
    private static let keptRows = 10_000

    /// One result per query. One that the server refuses or that takes too long is undetermined, which is a finding. Throws when nobody
    /// answers.
    func run(_ samples: [SampleQueryDocument<AQLSamples>]) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for sample in samples {
            say("sample query '\(sample.query.name)'")
            results.append(try await run(sample))
        }
        return results
    }

    private func run(_ sample: SampleQueryDocument<AQLSamples>) async throws -> CheckResult {
        let query = sample.query
        func undetermined(_ reason: String) -> CheckResult {
            .undetermined("query \(query.name)", query.expectation.aspect, expected: query.expectation.words(context), because: reason)
        }
        do {
            let answer = try await target.query(
                sample.text, bind: sample.bindings.json, in: database, keeping: Self.keptRows, within: query.limit)
            let rows: SampleRows
            do { rows = try AQLRows.read(answer) } catch { return undetermined("the answer cannot be read: \(error)") }
            return try await SampleJudgement(query, context, ArangoSampleReader()).judge(rows)
        } catch let failure as Failure where failure.kind != .unreachable && failure.kind != .credentials {
            return undetermined(failure.sentence)
        }
    }
}
