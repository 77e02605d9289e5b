import Recovery

/// The result itself, as JSON that obeys `ResultSchema`.
package struct JSONReport: ReportFormat {
    package let name = "json"
    package let fileExtension = "json"

    package init() {}

    /// - Throws: `EncodingError`
    package func render(_ result: RunResult) throws -> [UInt8] { try JSONText.encode(result, .pretty) }
}
