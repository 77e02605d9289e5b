import Outlets
import Recovery
import Testing

@Suite struct ReadableTests {
    @Test(
        arguments: [
            (0, "0 s"), (0.0001, "under 1 ms"), (0.0006, "1 ms"), (0.42, "420 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (4.2, "4.2 s"),
            (59.94, "59.9 s"), (59.96, "1 min 00 s"), (192.4, "3 min 12 s"), (3599.4, "59 min 59 s"), (3599.6, "1 h 00 min"),
            (7500, "2 h 05 min"),
            (93_600, "26 h 00 min"), (172_799, "2 d 00 h"), (273_600, "3 d 04 h"), (-4.2, "-4.2 s"), (.nan, "unknown"),
            (.infinity, "unknown"), (1e300, "unknown"),
        ] as [(Double, String)])
    func durations(seconds: Double, words: String) { #expect(Readable.duration(seconds) == words) }

    @Test(
        arguments: [
            (3600, "1 h"), (93_600, "26 h"), (90, "1 min 30 s"), (86_400, "24 h"), (172_800, "2 d"), (3_024_060, "35 d 1 min"),
            (0.5, "500 ms"), (0, "0 s"),
            (.nan, "unknown"),
        ] as [(Double, String)])
    func promisedPeriods(seconds: Double, words: String) { #expect(Readable.period(seconds) == words) }

    @Test(
        arguments: [
            (11_520, "3 h 12 min before the drill"), (-30, "30.0 s after the drill"), (0.2, "at the drill"), (.nan, "at an unknown time"),
        ] as [(Double, String)])
    func ages(seconds: Double, words: String) { #expect(Readable.age(seconds, before: "the drill") == words) }

    @Test(
        arguments: [
            (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1_048_524, "1023.9 KiB"), (1_048_575, "1.0 MiB"),
            (904_311_204, "862.4 MiB"),
            (5_368_709_120, "5.0 GiB"), (Int64.max, "8192.0 PiB"), (-2048, "-2.0 KiB"),
        ] as [(Int64, String)])
    func bytes(bytes: Int64, words: String) { #expect(Readable.bytes(bytes) == words) }

    @Test(
        arguments: [
            (0, "0"), (999, "999"), (9999, "9999"), (12_480, "12\u{202F}480"), (1_234_567, "1\u{202F}234\u{202F}567"),
            (-12_480, "-12\u{202F}480"),
            (Int64.min, "-9\u{202F}223\u{202F}372\u{202F}036\u{202F}854\u{202F}775\u{202F}808"),
        ] as [(Int64, String)])
    func counts(number: Int64, words: String) { #expect(Readable.count(number) == words) }

    @Test(
        arguments: [
            (1_796_090_400_000, "2026-12-01 02:00:00 UTC", "Tuesday 1 December 2026, 02:00:00 UTC"),
            (0, "1970-01-01 00:00:00 UTC", "Thursday 1 January 1970, 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC", "Wednesday 31 December 1969, 23:59:59 UTC"),
            (1_709_164_799_999, "2024-02-28 23:59:59 UTC", "Wednesday 28 February 2024, 23:59:59 UTC"),
            (1_709_164_800_000, "2024-02-29 00:00:00 UTC", "Thursday 29 February 2024, 00:00:00 UTC"),
        ] as [(Int64, String, String)])
    func moments(milliseconds: Int64, short: String, long: String) {
        let time = Timestamp(millisecondsSince1970: milliseconds)
        #expect(Readable.moment(time) == short)
        #expect(Readable.longMoment(time) == long)
    }
}
