import Documents
import Outlets
import Recovery

/// Prints what may stand in each kind of document, from the declarations that read them.
struct ReferenceCommand: Command {
    static let name = "reference"
    static let usage = "[STEP]"
    static let summary = "print every key of runbooks, steps, drills and the configuration, or of one step, as Markdown"
    static let bearsMistakesOfTheConfiguration = true

    private let step: String?

    init(_ arguments: inout Arguments) throws(Failure) { step = arguments.word() }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let registry = services.registry
        guard let step else {
            output.show(page: everything(registry))
            try output.show(json: .reference, ["steps": registry.kinds.compactMap { registry[$0] }.map(Row.init)])
            return 0
        }
        guard let type = registry[step] else {
            throw Failure(
                .usage, "there is no step '\(step)'",
                hint: registry.kinds.suggestion(for: step) ?? "there are: \(registry.kinds.joined(separator: ", "))")
        }
        let row = Row(type)
        output.show(page: "### `\(row.step)`\n\n\(row.summary)\n\n\(row.reference)")
        try output.show(json: .reference, ["steps": [row]])
        return 0
    }

    private struct Row: Encodable {
        let step: String
        let summary: String
        /// A Markdown table.
        let reference: String

        init(_ type: any Step.Type) {
            step = type.kind
            summary = type.summary
            reference = type.fields.reference()
        }
    }

    private func everything(_ registry: StepRegistry) -> String {
        """
        # Reference

        ## Runbooks

        \(Runbook.fields.reference())
        ## Steps

        Beside its action every step may say:

        \(StepDocument.fields.reference())
        \(registry.reference())
        ## Drills

        \(DrillDocument.fields.reference())
        ## Configuration

        \(ConfigurationDocument.fields.reference())
        """
    }
}
