import Outlets
import Recovery

/// Draws the report of a run again, from its journal.
struct ReportCommand: Command {
    static let name = "report"
    static let usage = "[RUN] [--format text|json|html]"
    static let summary = "show the report of a run, drawn from its journal; the newest run when none is named"
    static let options = [
        CommandOption("--format text|json|html", "how it is drawn; text")
    ]

    private let run: String?
    private let format: ReportWord

    init(_ arguments: inout Arguments) throws(Failure) {
        let word = try arguments.option("--format") ?? "text"
        guard let format = ReportWord(rawValue: word) else {
            throw Failure(.usage, "there is no report format '\(word)'", hint: "there are text, json and html")
        }
        self.format = format
        run = arguments.word()
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let result = try await services.result(of: run)
        if format == .text && !output.json {
            output.show(page: TextReport(style: output.style, width: output.width).text(result))
        } else {
            output.show(bytes: try AllReportFormats.render(result, output.json ? .json : format).bytes)
        }
        return 0
    }
}
