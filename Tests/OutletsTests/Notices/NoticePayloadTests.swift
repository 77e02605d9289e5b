import Outlets
import Recovery
import TestSupport
import Testing

@Suite struct NoticePayloadTests {
    @Test func aFailedDrillIsToldInOneLine() throws {
        let notice = RunNotice(SampleResults.failed(), report: "/var/lib/lifeboat/report.html")
        #expect(
            NoticePayload(notice).text.text
                == "DRILL FAILED: `monthly` on `drill-01`, after `3 min 27 s`, at step `1.7 Verify with sample queries`, `4 findings`, "
                + "report: `/var/lib/lifeboat/report.html`, run `20261201T020000Z-7f3a9c`")
    }

    @Test func theWordsOfTheRunbookAreSaidToo() {
        let notice = RunNotice(SampleResults.broke(), words: "call @dba <!here>")
        #expect(NoticePayload(notice).text.text.contains(", `call @dba &lt;!here&gt;`, run "))
    }

    @Test func programsGetTheSameInFields() throws {
        let body = String(decoding: try NoticePayload(RunNotice(SampleResults.broke())).body(), as: UTF8.self)
        #expect(
            body == """
                {"lifeboat":{"at":"2026-12-01T02:03:27.100Z","failedStep":"1.6 Restore","findings":0,"host":"drill-01","kind":"run",\
                "name":"postgres-database","outcome":{"kind":"engine","word":"broke"},"rehearsal":false,"run":"20261201T020000Z-7f3a9c",\
                "schema":"lifeboat.notice/1","tookSeconds":140},"text":"RUN BROKE: `postgres-database` on `drill-01`, after `2 min 20 s`, \
                at step `1.6 Restore`, run `20261201T020000Z-7f3a9c`"}

                """)
    }

    @Test func aRehearsalSaysSo() {
        #expect(
            NoticePayload(RunNotice(SampleResults.rehearsal())).text.text.hasPrefix(
                "DRILL passed, OBJECTIVE MISSED (rehearsal, not evidence): "))
    }

    @Test func aRunThatIsStillGoingOnHasNoOutcome() throws {
        let notice = RunNotice(
            run: "r", kind: .run, name: "n", outcome: nil, tookSeconds: 1, at: SampleResults.start, host: "h")
        #expect(NoticePayload(notice).text.text == "RUN is under way: `n` on `h`, after `1.0 s`, run `r`")
        #expect(!String(decoding: try NoticePayload(notice).body(), as: UTF8.self).contains("outcome"))
    }

    @Test func whatIsInTheDataStaysHere() throws {
        var result = SampleResults.failed()
        result.failure = FailureRecord(kind: .engine, problem: "SECRET-ROW", causes: ["SECRET-ROW"], hint: "SECRET-ROW")
        result.notices = ["SECRET-ROW"]
        result.parts[1].steps[6].checks.append(
            CheckResult("SECRET-ROW", "SECRET-ROW", expected: "SECRET-ROW", actual: "SECRET-ROW", verdict: .differed))
        result.parts[1].steps[6].notes = ["SECRET-ROW"]
        #expect(!String(decoding: try NoticePayload(RunNotice(result)).body(), as: UTF8.self).contains("SECRET-ROW"))
    }

    @Test func hostileNamesMentionNobodyAndLinkNowhere() throws {
        let payload = NoticePayload(RunNotice(SampleResults.hostile(), report: SampleResults.hostileText))
        let outside = payload.text.text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
            $0.offset.isMultiple(of: 2)
        }
        .map(\.element).joined()
        #expect(outside == "DRILL FAILED (rehearsal, not evidence):  on , after , at step , , report: , run ")
        #expect(!payload.text.text.contains("<") && !payload.text.text.contains(">"))
        let body = String(decoding: try payload.body(), as: UTF8.self)
        #expect(body.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isInvisible })
    }
}
