import Recovery

/// What a dump of one database holds, and whether it is whole.
package struct DumpReport: Sendable {
    package struct Collection: Sendable {
        package struct Index: Sendable {
            package let type: String
            package let name: String?
            package let fields: [String]
        }

        package let name: String
        package let isEdge: Bool
        package let isSystem: Bool
        /// Whether all its documents are known: its data is there, and every line of it can be read.
        package let isWhole: Bool
        /// When all lines were taken in their order.
        package let documents: Int64
        /// Unpacked.
        package let bytes: Int64
        /// Without those that every collection has by itself.
        package let indexes: [Index]
        package let dataFiles: [String]
        /// Ends of edges that lead to a document that a collection of the dump should have and does not. Servers let edges do so.
        package let danglingEnds: Int64
        /// Ends of edges that lead into collections that the dump does not hold.
        package let outsideEnds: Int64
        /// Of what its documents hold, whatever their order; nil unless it was asked for and can be told.
        package let digest: String?
    }

    package struct View: Sendable {
        package let name: String
        package let type: String
    }

    /// Where it is.
    package let words: String
    package let database: String?
    package let createdAt: String?
    /// By name.
    package let collections: [Collection]
    package let views: [View]
    /// Names of graphs, in order.
    package let graphs: [String]
    package let checks: [CheckResult]
    /// What is no mistake, and good to know.
    package let notes: [String]

    package var findings: [CheckResult] { checks.filter(\.isFinding) }
    package var isSound: Bool { findings.isEmpty }

    package func collection(_ name: String) -> Collection? { collections.first { $0.name == name } }

    /// Throws `Failure(.damaged)` with the first finding and how many more there are.
    package func refuseFindings(hint: String) throws {
        guard let first = findings.first else { return }
        let more = findings.count == 1 ? "" : "; \(findings.count - 1) more"
        throw Failure(
            .damaged, "\(words) is not whole: \(first.subject), \(first.aspect): expected \(first.expected), found \(first.actual)\(more)",
            hint: hint)
    }
}
