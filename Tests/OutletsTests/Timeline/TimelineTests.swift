import Recovery
import TestSupport
import Testing

@testable import Outlets

@Suite struct TimelineTests {
    @Test(
        arguments: [
            (0, [0, 0.001]), (0.004, [0, 0.001, 0.002, 0.003, 0.004]), (7, [0, 2, 4, 6]), (207.1, [0, 60, 120, 180]),
            (3600, [0, 1200, 2400, 3600]),
            (90_000, [0, 21_600, 43_200, 64_800, 86_400]), (86_400 * 70, [0, 1_728_000, 3_456_000, 5_184_000]),
            (.nan, [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]),
        ] as [(Double, [Double])])
    func ticksAreRoundAndFew(seconds: Double, ticks: [Double]) {
        #expect(TimeAxis(seconds: seconds).ticks == ticks)
        #expect(ticks.count <= 6)
    }

    @Test func theLastAttemptDividesIntoItsPhases() {
        let rows = Timeline(SampleResults.passed()).rows
        #expect(
            rows.map(\.label).prefix(3) == [
                "Provisioning of the servers", "given.1 A database that is in the way", "1.1 Prove the dump first",
            ])
        let restore = rows[7].bars
        #expect(restore.map(\.phase) == [.restore, .index, .analyze])
        #expect(restore.map(\.label) == ["restore: 1 min 38 s", "index: 41.7 s", "analyze: 6.4 s"])
        #expect(abs(restore[1].start - (33.5 + 98.3)) < 0.001)
    }

    @Test func earlierAttemptsAreDrawnWithTheirTrouble() {
        let rows = Timeline(SampleResults.broke()).rows
        let restore = rows[5]
        #expect(restore.remark == "BROKE 1 min 31 s")
        #expect(restore.bars.map(\.trouble) == [.broke, .broke, .broke])
        #expect(restore.bars.map(\.label).first == "attempt 1, restore: 30.2 s, BROKE")
        #expect(rows[6].bars == [] && rows[6].remark == "not reached")
    }

    @Test func aStepThatWasSkippedIsNoTrouble() throws {
        var result = SampleResults.passed()
        let start = result.parts[1].steps[5].attempts[0].offsetSeconds
        result.parts[1].steps[5].status = .skipped
        result.parts[1].steps[5].attempts = [.init(number: 1, offsetSeconds: start, tookSeconds: 0.002, status: .skipped)]
        let row = Timeline(result).rows[7]
        #expect(row.remark == "skipped 2 ms")
        #expect(!row.bars.isEmpty && row.bars.allSatisfy { $0.trouble == nil })
    }

    @Test func phasesSideBySideShareTheBarOfTheirStep() {
        var result = SampleResults.passed()
        result.parts[1].steps[5].phases = [PhaseTime(.restore, seconds: 146.4), PhaseTime(.index, seconds: 146.4)]
        let bars = Timeline(result).rows[7].bars
        #expect(bars.map { Int($0.seconds.rounded()) } == [73, 73])
    }

    @Test func anInterruptionLiesWhereTheClockStoodStill() {
        var result = SampleResults.interrupted()
        result.interruptions.append(
            .init(from: SampleResults.start.advanced(bySeconds: 7290), to: SampleResults.start.advanced(bySeconds: 8000)))
        #expect(Timeline(result).pauses == [.init(at: 60, seconds: 7200), .init(at: 90, seconds: 710)])
        #expect(Timeline(result).rows[0].bars.count == 2)
    }

    @Test func nothingIsDrawnOutsideOfTheAxis() {
        for (name, result) in JSONReportTests.samples {
            let timeline = Timeline(result)
            for bar in timeline.rows.flatMap(\.bars) {
                #expect(bar.start >= 0 && bar.start + bar.seconds <= timeline.axis.seconds + 0.001, "\(name)")
            }
        }
    }
}
