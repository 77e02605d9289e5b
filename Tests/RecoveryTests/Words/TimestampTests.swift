import Recovery
import Testing

@Suite struct TimestampTests {
    @Test func everyMillisecondIsWrittenExactlyAndReadBack() {
        for milliseconds in Int64(1_796_090_607_000)..<1_796_090_608_000 {
            let time = Timestamp(millisecondsSince1970: milliseconds)
            #expect(time.text == "2026-12-01T02:03:27.\("\(milliseconds % 1000 + 1000)".dropFirst())Z")
            #expect(Timestamp(time.text) == time)
        }
    }

    @Test(
        arguments: [(-1, "1969-12-31T23:59:59.999Z"), (0, "1970-01-01T00:00:00.000Z"), (-1000, "1969-12-31T23:59:59.000Z")]
            as [(Int64, String)])
    func momentsBeforeTheEpochAreWrittenToo(milliseconds: Int64, text: String) {
        #expect(Timestamp(millisecondsSince1970: milliseconds).text == text)
        #expect(Timestamp(text)?.millisecondsSince1970 == milliseconds)
    }

    @Test func fractionsMayBeMissingAndNothingElseMay() {
        #expect(Timestamp("2026-12-01T02:00:00Z")?.millisecondsSince1970 == 1_796_090_400_000)
        for text in ["", "2026-12-01", "2026-12-01 02:00:00", "now", "2026-13-01T02:00:00Z"] { #expect(Timestamp(text) == nil, "\(text)") }
    }
}
