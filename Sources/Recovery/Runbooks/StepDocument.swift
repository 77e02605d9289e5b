package import Bindings
package import Documents

/// One step as a document writes it: its frame, and its action still unread.
package struct StepDocument: Sendable {
    package let name: String
    package let id: Name?
    package let frame: StepFrame
    package let type: any Step.Type
    package let node: YAMLNode
    package let body: YAMLNode
    private let targetSpan: YAMLSpan?

    /// What stands beside the action.
    package static let fields = Fields(
        Field.required("name", as: String.self, limit: .notEmpty, literal: true, "what the step is called in plans, progress and reports"),
        Field.maybe("id", as: Name.self, literal: true, "how later steps refer to what it found out: `${step.ID.fact}`"),
        Field.maybe(
            "target", as: Located<Name>.self, literal: true, "role of the target it acts on; the only one of its engine when left out"),
        Field.maybe("timeout", as: Duration.self, limit: .positive, "ends the step as too slow"),
        Field.optional(
            "attempts", as: Int.self, default: 1, limit: .range(1...100), "how often it is tried when the target does not answer"),
        Field.optional(
            "backoff", as: Duration.self, default: .seconds(5), "pause before the second attempt; doubled before each further one"),
        Field.optional(
            "on_failure", as: StepFrame.OnFailure.self, default: .stop, "whether the run goes on; it ends as failed all the same"),
        Field.optional("when", as: StepFrame.When.self, default: .always, "runs only if something has failed, or only if nothing has"))

    package init(_ node: YAMLNode, _ reading: Reading, _ registry: StepRegistry) throws(InvalidDocument) {
        let read = try Self.fields.read(node, reading, choosing: "an action", from: registry.kinds)
        let (name, id, target, timeout, attempts, backoff, onFailure, when) = read.fields
        guard let type = registry[read.chosen.name] else {
            throw InvalidDocument("unknown action '\(read.chosen.name)'", at: read.chosen.key)
        }
        self.name = name
        self.id = id
        self.type = type
        self.node = node
        targetSpan = target?.span
        frame = StepFrame(
            targetRole: target?.value.text, timeout: timeout, attempts: attempts, backoff: backoff, onFailure: onFailure, when: when)
        body = read.chosen.value
    }

    /// The action, with what `${…}` stands for in this reading.
    package func action(_ reading: Reading) throws(InvalidDocument) -> any Step { try type.init(body, reading) }

    var targetPlace: YAMLSpan { targetSpan ?? node.span }
}
