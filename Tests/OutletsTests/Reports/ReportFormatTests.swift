import Outlets
import Recovery
import TestSupport
import Testing

@Suite struct ReportFormatTests {
    @Test func everyFormatThatADrillMayNameExists() throws {
        #expect(Set(ReportWord.allCases.map(\.rawValue)) == Set(AllReportFormats.list.map(\.name)))
        for word in ReportWord.allCases {
            let format = try #require(AllReportFormats.named(word.rawValue))
            let report = try AllReportFormats.render(SampleResults.passed(), word)
            #expect(report.name == "report.\(format.fileExtension)")
            #expect(try report.bytes == format.render(SampleResults.passed()))
        }
    }

    @Test func aFormatNobodyHasIsNoFormat() { #expect(AllReportFormats.named("pdf") == nil) }
}
