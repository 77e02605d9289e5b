import Recovery

/// What standard output shows at the end of a run: the verdict first, then what it rests on.
///
/// Everything is readable without colour. Every finding is listed up to `findingLimit`, the rest are counted; what held
/// is counted per step.
package struct TextReport: ReportFormat {
    package let name = "text"
    package let fileExtension = "txt"
    package let style: TerminalStyle
    /// Columns to stay within; words longer than a line (paths, hashes) are not broken.
    package let width: Int
    package let findingLimit: Int
    /// Where the other reports of this run were written.
    package let reports: [String]

    /// - Parameter width: below 60 it counts as 60.
    package init(style: TerminalStyle = .plain, width: Int = 100, findingLimit: Int = 50, reports: [String] = []) {
        self.style = style
        self.width = max(width, 60)
        self.findingLimit = findingLimit
        self.reports = reports
    }

    package func render(_ result: RunResult) -> [UInt8] { Array(text(result).utf8) }

    /// The report, ending in a line end.
    package func text(_ result: RunResult) -> String {
        var page = TextPage(style: style, width: width)
        page.verdict(result)
        page.summary(result)
        page.failure(result)
        page.findings(result, limit: findingLimit)
        page.steps(result)
        page.notExercised(result)
        page.notices(result)
        page.next(result)
        page.files(result, reports: reports)
        return page.text
    }
}
