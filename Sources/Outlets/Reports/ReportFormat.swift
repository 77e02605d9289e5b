import Recovery

/// One way of writing down a result. A new one is a file, a line in `AllReportFormats`, and its word in `ReportWord`.
package protocol ReportFormat: Sendable {
    /// As drills name it under `report:`.
    var name: String { get }
    /// Without the dot.
    var fileExtension: String { get }
    /// The whole report, UTF-8.
    /// - Throws: `EncodingError`, for a result that the format has no way of writing.
    func render(_ result: RunResult) throws -> [UInt8]
}

package enum AllReportFormats {
    package static let list: [any ReportFormat] = [
        HTMLReport(),
        JSONReport(),
        TextReport(),
    ]

    package static func named(_ name: String) -> (any ReportFormat)? { list.first { $0.name == name } }

    /// The report in the format a drill asks for, and the name of its file: `report.html`.
    /// - Throws: `Failure(.bug)` when it cannot be written down.
    package static func render(_ result: RunResult, _ word: ReportWord) throws -> (name: String, bytes: [UInt8]) {
        guard let format = named(word.rawValue) else { throw Failure(.bug, "there is no report format '\(word.rawValue)'") }
        do {
            return ("report.\(format.fileExtension)", try format.render(result))
        } catch { throw Failure.wrapping(error, while: "cannot write the \(format.name) report of run \(result.run)") }
    }
}
