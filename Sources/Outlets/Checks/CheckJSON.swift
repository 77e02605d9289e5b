import Recovery

/// What `check` found, for machines.
package enum CheckJSON {
    /// - Throws: `EncodingError`
    package static func render(_ report: CheckReport) throws -> [UInt8] { try JSONText.encode(report, .pretty) }
}
