import Outlets
import Recovery
import TestSupport
import Testing

@Suite struct TextReportTests {
    @Test func theFirstLineIsTheVerdict() {
        #expect(firstLine(SampleResults.passed()) == "PASSED drill monthly: all 22 checks held, recovered in 3 min 12 s")
        #expect(firstLine(SampleResults.failed()) == "FAILED drill monthly: 3 checks differ, 1 could not be made, out of 25 checks")
        #expect(
            firstLine(SampleResults.broke())
                == "BROKE run postgres-database: broke off at step 1.6 'Restore': cannot restore the dump into database app of db")
        #expect(firstLine(SampleResults.interrupted()) == "INTERRUPTED drill monthly: stopped by SIGTERM at step 1.6 'Restore'")
        #expect(
            firstLine(SampleResults.rehearsal())
                == "OBJECTIVE MISSED drill monthly: all 22 checks held, but recovery took 3 min 12 s, 2 min was promised")
        #expect(
            firstLine(SampleResults.minimal())
                == "NOT VERIFIED run empty: everything was done, and nothing was compared: whether the data is right is not known")
    }

    @Test func aRehearsalSaysSoBelowTheVerdict() {
        #expect(
            lines(SampleResults.rehearsal())[1]
                == "REHEARSAL, NOT EVIDENCE: vectors (qdrant 1.18.3 (stand-in)) was a stand-in and not the real engine")
    }

    @Test func aBackupThatWasPassedOverIsToldWithItsReason() {
        let report = lines(SampleResults.passedOver())
        #expect(report[0] == "INCOMPLETE drill monthly: all 22 checks held; 1 step was left out, 1 backup had to be passed over")
        #expect(
            report.contains("          passed over nightly/20261201T004800Z-77aa01/app-db: dump/toc.dat has 0 bytes instead of 40213"))
        #expect(report.contains("          passed over nightly/20261201T014800Z-0c11de/app-db: its set was not finished"))
    }

    @Test func aSetIsToldWithItsSpread() {
        #expect(
            lines(SampleResults.apart()).contains(
                "Set       nightly/20261130T224800Z-4f1c9a of app-db, vectors: recovery point 2026-11-30 22:48:00 UTC, spread 4.3 s"))
    }

    @Test func eachRunbookIsJudgedBelowAllOfThem() {
        let lines = lines(SampleResults.apart())
        let place = lines.firstIndex { $0.hasPrefix("RTO ") }
        #expect(
            place.map { lines[$0 + 1] } == "          postgres-database: 3 min 12 s, promised was 2 min: MISSED (postgres on 'db')")
        #expect(!TextReport().text(SampleResults.passed()).contains("postgres-database: 3 min"), "one alone is all of them")
    }

    @Test func whatHoldsAcrossStoresIsAGroupOfItsOwn() {
        #expect(
            section("Across stores (not part of the recovery time)", of: SampleResults.apart()) == [
                "  across.1  FAILED        400 ms  Every passage has its point", "            0 checks held, 1 differs",
            ])
    }

    @Test func objectivesAreToldInWords() {
        #expect(
            lines(SampleResults.passed()).contains(
                "RTO       3 min 12 s of 1 h promised: met (3 min 16 s with provisioning of the servers)"))
        #expect(
            lines(SampleResults.passed()).contains(
                "RPO       3 h 12 min of 26 h promised: met (the restored backup was from 3 h 12 min before the drill)"))
        #expect(
            lines(SampleResults.rehearsal()).contains(
                "RTO       3 min 12 s, promised was 2 min: MISSED (3 min 16 s with provisioning of the servers)"))
        #expect(lines(SampleResults.minimal()).contains("RTO       not measured, no objective stated"))
    }

    @Test func aFailureSaysWhatWasAttemptedWhyAndWhatNext() {
        #expect(
            section("What went wrong", of: SampleResults.broke()) == [
                "  at step    1.6 Restore",
                "  what       cannot restore the dump into database app of db",
                "  why        pg_restore ended with status 1",
                "  why        could not extend file \"base/16401/16420\": No space left on device",
                "  what next  make 1.9 GiB free on the server's data disk, then resume",
            ])
        #expect(
            section("What you can do now", of: SampleResults.broke()) == [
                "  to go on with the restore:",
                "    lifeboat resume 20261201T020000Z-7f3a9c",
                "  to put back what was in database app before:",
                "    lifeboat restore --backup _safety/20261201T020000Z-7f3a9c/app-db",
            ])
    }

    @Test func everyFindingShowsWhatWasExpectedAndWhatWasThere() {
        #expect(
            section("Findings (4)", of: SampleResults.failed()) == [
                "  1.7 Verify with sample queries",
                "    table public.loans: rows DIFFERS",
                "      expected  10800",
                "      actual    10799",
                "    index public.chunks_embedding_idx: valid DIFFERS",
                "      expected  valid",
                "      actual    INVALID",
                "    query newest loan: max(lent_at) (within 2 h of the backup) DIFFERS",
                "      expected  2026-11-30 22:48:00+00",
                "      actual    2026-11-27 09:12:44+00",
                "    table audit.events: rows NOT DETERMINED",
                "      expected  76800",
                "      because   permission denied for schema audit",
            ])
    }

    @Test func stepsShowTheirAttemptsAndWhatHeld() {
        #expect(
            section("Steps of postgres-database, version 3 (3 min 12 s)", of: SampleResults.broke()).suffix(6) == [
                "  1.6       BROKE         1 min 31 s  Restore",
                "            attempt 1 BROKE after 30.2 s: the connection was lost",
                "            attempt 2 BROKE after 29.9 s: the connection was lost",
                "            4 objects left out, see not exercised",
                "  1.7       not reached               Verify with sample queries",
                "  1.8       not reached               Start the application",
            ])
    }

    @Test func thousandsOfFindingsAreListedUpToALimitAndCounted() {
        let report = TextReport(findingLimit: 20).text(SampleResults.large(differing: 2900))
        let lines = report.split(separator: "\n").map(String.init)
        #expect(lines.count(where: { $0.hasSuffix("rows DIFFERS") }) == 20)
        #expect(lines.contains("Findings (2900)"))
        #expect(lines.contains("    and 2880 more, which the other reports list"))
        #expect(lines.contains("            100 checks held, 2900 differ"))
    }

    @Test func everyFindingIsListedWhenTheyFit() {
        #expect(!TextReport(findingLimit: 4).text(SampleResults.failed()).contains("more, which"))
    }

    @Test(arguments: [60, 80, 100, 160])
    func proseStaysWithinTheWidth(width: Int) {
        for result in [SampleResults.passed(), SampleResults.failed(), SampleResults.broke(), SampleResults.interrupted()] {
            for line in TextReport(width: width).text(result).split(separator: "\n") where String(line).columns > width {
                // Only what must be copied whole may stick out: a command, or a single long word behind its label.
                let isCommand = result.next.contains { line.hasSuffix($0.command) }
                #expect(isCommand || longestWord(line) > width - 26, "\(line)")
            }
        }
    }

    @Test func colourAddsNothingButColour() {
        for result in [SampleResults.passed(), SampleResults.failed(), SampleResults.hostile()] {
            let coloured = TextReport(style: .ansi).text(result)
            #expect(coloured.contains("\u{1B}["))
            #expect(coloured.replacing(/\u{1B}\[[0-9;]+m/, with: "") == TextReport(style: .plain).text(result))
        }
    }

    @Test func hostileTextCannotDriveTheTerminal() {
        let report = TextReport(reports: [SampleResults.hostileText]).text(SampleResults.hostile())
        #expect(report.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isInvisible })
        #expect(report.contains("\\u{1B}[2J"))
    }

    @Test func whereReportAndJournalLieComesLast() {
        let report = TextReport(reports: ["/tmp/r.html", "/tmp/r.json"]).text(SampleResults.passed())
        #expect(
            report.hasSuffix(
                """

                Report    /tmp/r.html
                Report    /tmp/r.json
                Journal   /var/lib/lifeboat/runs/20261201T020000Z-7f3a9c/journal.jsonl

                """))
    }

    private func lines(_ result: RunResult) -> [String] { TextReport(width: 200).text(result).split(separator: "\n").map(String.init) }

    private func firstLine(_ result: RunResult) -> String { lines(result)[0] }

    private func section(_ heading: String, of result: RunResult) -> [String] {
        let all = TextReport(width: 200).text(result).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = all.firstIndex(of: heading) else { return ["no section '\(heading)'"] }
        return Array(all[(start + 1)...].prefix { !$0.isEmpty })
    }

    private func longestWord(_ line: Substring) -> Int { line.split(separator: " ").map(\.count).max() ?? 0 }
}
