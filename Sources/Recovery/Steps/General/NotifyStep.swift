internal import Bindings
internal import Documents

/// Tells somebody how the run stands.
struct NotifyStep: Step {
    static let kind = "notify"
    static let summary = "Tell somebody how the run stands."
    static let phase = Phase.other
    static let fields = Fields(
        shorthand: "to",
        Field.required("to", as: Name.self, literal: true, "the alert of the configuration"),
        Field.optional("when", as: When.self, default: .always, "`failed`: only if something has failed"),
        Field.maybe("text", as: String.self, "said in front of the outcome"))

    enum When: String, Choice { case always, failed }

    let to: Name
    let when: When
    let text: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (to, when, text) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(alerts: [to.text]) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let standing = await context.services.standing()
        if when == .failed, standing.outcome == .passed { throw Skipped(because: "nothing has failed") }
        guard let alert = context.alerts[to.text] else {
            if context.isDrill { throw Skipped(because: "a drill tells nobody unless it says so itself") }
            throw Failure(.configuration, "there is no alert '\(to.text)' in the configuration", hint: "add it under `alerts:`")
        }
        try await context.services.notify(alert, standing, text)
        return StepResult(notes: ["told '\(to.text)'"])
    }
}
