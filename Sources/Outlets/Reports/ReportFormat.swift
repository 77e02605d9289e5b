import Recovery

/// One way of writing down a result. A new one is a file and a line in `AllReportFormats`.
package protocol ReportFormat: Sendable {
    /// As drills name it under `report:`, and `lifeboat report --format`.
    var name: String { get }
    /// Without the dot.
    var fileExtension: String { get }
    /// The whole report, UTF-8.
    func render(_ result: RunResult) throws -> [UInt8]
}

package enum AllReportFormats {
    package static let list: [any ReportFormat] = [
        HTMLReport(),
        JSONReport(),
        TextReport(),
    ]

    package static var names: [String] { list.map(\.name) }

    package static func named(_ name: String) -> (any ReportFormat)? { list.first { $0.name == name } }
}
