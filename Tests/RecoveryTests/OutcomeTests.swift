import Testing

@testable import Recovery

@Suite struct OutcomeTests {
    @Test func theTableOfExitCodes() {
        let codes: [(RunOutcome, drill: Int32, run: Int32)] = [
            (.passed, 0, 0), (.failed, 2, 2), (.unverified, 2, 3), (.incomplete, 3, 3), (.objectiveMissed, 4, 4), (.paused, 5, 5),
            (.interrupted(.interrupt), 130, 130), (.interrupted(.terminate), 143, 143), (.broke(.unreachable), 1, 1),
            (.broke(.engine), 1, 1), (.broke(.toolMissing), 1, 1), (.broke(.storeUnavailable), 69, 69),
            (.broke(.environmentUnavailable), 69, 69), (.broke(.credentials), 77, 77), (.broke(.notFound), 66, 66),
            (.broke(.localStorage), 74, 74), (.broke(.journal), 74, 74), (.broke(.lockHeld), 75, 75), (.broke(.document), 65, 65),
            (.broke(.configuration), 78, 78), (.broke(.usage), 64, 64), (.broke(.bug), 70, 70),
        ]
        for (outcome, drill, run) in codes {
            #expect(outcome.exitCode(inDrill: true) == drill, "\(outcome)")
            #expect(outcome.exitCode(inDrill: false) == run, "\(outcome)")
        }
    }

    @Test func theWorstOutcomeIsTold() {
        let ranked: [RunOutcome] = [
            .passed, .incomplete, .objectiveMissed, .unverified, .paused, .broke(.engine), .broke(.journal), .failed,
            .interrupted(.interrupt),
        ]
        for (low, high) in zip(ranked, ranked.dropFirst()) {
            #expect(RunOutcome.worst([high, low]) == high)
            #expect(RunOutcome.worst([low, high]) == high)
        }
    }

    @Test func outcomesSurviveTheJournal() throws {
        for outcome in [RunOutcome.passed, .broke(.journal), .interrupted(.terminate), .unverified] {
            #expect(try CanonicalJSON.decode(RunOutcome.self, from: CanonicalJSON.encode(outcome)) == outcome)
        }
    }

    @Test func failuresReadTopDown() {
        let failure = Failure(
            .unreachable, "cannot read target 'app-db'",
            cause: Failure(.unreachable, "connection to 127.0.0.1:5432 refused", hint: "is the server running?"))
        #expect(
            "\(failure)" == """
                cannot read target 'app-db'
                  because: connection to 127.0.0.1:5432 refused
                  hint: is the server running?
                """)
    }

    @Test func secretsDoNotPrint() {
        let secret = Secret("hunter22")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\(["k": secret])"] { #expect(!text.contains("hunter22")) }
        #expect(Redactor([secret])("password=hunter22 host=db") == "password=‹secret› host=db")
    }

    /// What broke before the signal came is what has to be mended.
    @Test func aSignalDoesNotHideWhatBrokeBeforeIt() {
        var verdict = Runner.Verdict()
        verdict.add(.broke(.engine), Failure(.engine, "it is on fire"), at: "1.2")
        verdict.add(.interrupted(.terminate), nil, at: "1.3")
        #expect(verdict.outcome == .interrupted(.terminate))
        #expect(verdict.failure?.problem == "it is on fire" && verdict.failedStep == "1.2")
    }
}
