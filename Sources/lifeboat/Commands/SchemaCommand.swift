import Documents
import Outlets
import Recovery

/// Prints the JSON Schema of a kind of document, or of what a command prints, for editors and validators.
struct SchemaCommand: Command {
    static let name = "schema"
    static let usage = "KIND"
    static let summary = "print the JSON Schema of runbooks, drills, the configuration, a result, or what a command prints with --json"
    static let bearsMistakesOfTheConfiguration = true

    private let kind: String

    init(_ arguments: inout Arguments) throws(Failure) {
        kind = try arguments.required("the kind of document or output")
        let known = ["runbook", "drill", "configuration", "result"] + OutputSchema.allCases.map(\.rawValue)
        guard known.contains(kind) else {
            throw Failure(
                .usage, "there is no schema '\(kind)'", hint: known.suggestion(for: kind) ?? "there are: \(known.joined(separator: ", "))")
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        output.show(bytes: Array((try services.schema(kind) + "\n").utf8))
        return 0
    }
}
