import Outlets
import Recovery
import Testing

@Suite struct NagiosLineTests {
    @Test func oneFreshBackupIsOneLineAndItsDetail() throws {
        let output = NagiosLine.render(SampleChecks.report(SampleChecks.fresh()))
        #expect(
            output == """
                BACKUP OK - nightly/app-db 42 min 11 s old, 862.4 MiB, proven 3 d 00 h ago | 'age nightly/app-db'=2531s;;93600;0 \
                'size nightly/app-db'=904304640B;450000000:1350000000;1048576:;0 'proof nightly~f79a9'=259200s;3024000;;0 'sets nightly/app-db'=168;;;0
                OK nightly/app-db: 42 min 11 s old, 862.4 MiB, proven 3 d 00 h ago

                """)
        let read = try PluginOutput(output)
        #expect(read.state == "OK")
        #expect(read.metrics.map(\.unit) == ["s", "B", "s", ""])
        #expect(read.metrics.map(\.minimum) == [0, 0, 0, 0])
    }

    @Test func theWorstComesFirstAndSaysWhy() throws {
        let read = try PluginOutput(
            NagiosLine.render(SampleChecks.report(SampleChecks.fresh(), SampleChecks.stale(), SampleChecks.missing())))
        #expect(read.state == "CRITICAL")
        #expect(read.text == "BACKUP CRITICAL - 2 of 3: nightly/vectors: the newest backup restores to 31h ago; it may be 26h")
        #expect(
            read.lines == [
                "CRITICAL nightly/vectors: 31 h 00 min old, 862.4 MiB, proven 3 d 00 h ago; the newest backup restores to 31h ago; it may be 26h; "
                    + "set 20261202T020000Z-aaaaaa was begun and never finished",
                "CRITICAL weekly/files: no usable backup; there is no backup in store 'main'",
                "OK nightly/app-db: 42 min 11 s old, 862.4 MiB, proven 3 d 00 h ago",
            ])
        #expect(read.metrics.count == 12)
        #expect(read.metrics[8].value == nil, "what could not be determined is U")
    }

    @Test func theRangesAlertWhereWeDo() throws {
        var small = SampleChecks.stale()
        small.bytes = 1_048_575
        let metrics = try PluginOutput(NagiosLine.render(SampleChecks.report(SampleChecks.fresh(), small))).metrics
        func alerts(_ index: Int) -> [Bool] {
            let metric = metrics[index]
            return [metric.warning, metric.critical].map { range in range.map { $0.alerts(on: metric.value ?? 0) } ?? false }
        }
        #expect([0, 1, 2].map(alerts) == [[false, false], [false, false], [false, false]])
        #expect([4, 5, 6].map(alerts) == [[false, true], [true, true], [false, false]])
    }

    @Test func nothingToCheckIsUnknownAndSoIsAFailure() throws {
        #expect(NagiosLine.render(SampleChecks.report()) == "BACKUP UNKNOWN - no policy to check\n")
        let failure = Failure(.usage, "unknown option --nagois\n| 'x'=1", hint: "did you mean --nagios?")
        #expect(NagiosLine.render(failure) == "BACKUP UNKNOWN - unknown option --nagois \\u{7C} 'x'=1\n")
        #expect(try PluginOutput(NagiosLine.render(failure)).metrics.isEmpty)
    }

    @Test(arguments: [
        "a|b", "it's", "a=b", "line\nend", "esc\u{1B}[2J", "\u{202E}gnp", "<script>alert(1)</script>", "käse", "$(reboot)`", "'", "",
    ])
    func hostileNamesDoNoHarm(name: String) throws {
        var item = SampleChecks.fresh(name, name)
        item.note(.critical, .backup, "part \(name) is missing")
        let read = try PluginOutput(NagiosLine.render(SampleChecks.report(item, SampleChecks.fresh())))
        #expect(read.metrics.count == 8)
        #expect(read.lines.count == 2)
        #expect(!(read.text + read.lines.joined()).contains { "<>`$".contains($0) })
    }

    @Test func hundredsOfLongNamesFitAndSayWhatIsLeftOut() throws {
        let items = (0..<300).map { SampleChecks.stale("a-policy-with-quite-a-long-name-\($0)", "a-target-with-quite-a-long-name-\($0)") }
        let read = try PluginOutput(NagiosLine.render(CheckReport(checkedAt: SampleChecks.moment, items: items)))
        #expect(read.metrics.count > 20)
        #expect(read.lines.last == "... performance data: \(1200 - read.metrics.count) more values do not fit")
        #expect(read.lines.dropLast().last?.hasPrefix("... and ") == true)
    }

    @Test func aGraphGoesOnWhenAnotherPolicyIsAdded() throws {
        let alone = try PluginOutput(NagiosLine.render(SampleChecks.report(SampleChecks.fresh()))).metrics.map(\.label)
        let second = try PluginOutput(NagiosLine.render(SampleChecks.report(SampleChecks.stale(), SampleChecks.fresh()))).metrics.map(
            \.label)
        #expect(Array(second.suffix(4)) == alone)
    }
}
