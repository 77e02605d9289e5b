import Outlets
import Recovery
import Testing

@Suite struct CheckTextTests {
    @Test func oneLineEachAndTheReasonsBelow() {
        #expect(
            CheckText().text(SampleChecks.report(SampleChecks.fresh(), SampleChecks.stale(), SampleChecks.missing())) == """
                OK        nightly/app-db   42 min 11 s old, 862.4 MiB, proven 3 d 00 h ago
                CRITICAL  nightly/vectors  31 h 00 min old, 862.4 MiB, proven 3 d 00 h ago
                          the newest backup restores to 31h ago; it may be 26h
                          set 20261202T020000Z-aaaaaa was begun and never finished
                CRITICAL  weekly/files     no usable backup
                          there is no backup in store 'main'

                """)
        #expect(CheckText().text(SampleChecks.report()) == "UNKNOWN  no policy to check\n")
    }

    @Test func hostileNamesAreShownNotObeyed() {
        var item = SampleChecks.stale("a\u{1B}[2Jb", "c\u{202E}d\ne")
        item.note(.critical, .backup, "part \u{7}x is missing")
        let text = CheckText().text(SampleChecks.report(item))
        #expect(text.hasPrefix("CRITICAL  a\\u{1B}[2Jb/c\\u{202E}d⏎e  31 h"))
        #expect(text.contains("part \\u{7}x is missing"))
    }

    @Test func theJSONHoldsEverything() throws {
        let report = SampleChecks.report(SampleChecks.fresh(), SampleChecks.missing())
        let bytes = try CheckJSON.render(report)
        #expect(try CanonicalJSON.decode(CheckReport.self, from: bytes) == report)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\"state\" : \"CRITICAL\""))
    }
}
