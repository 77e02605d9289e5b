internal import Bindings
internal import Documents

/// Something only a person can do.
struct ManualStep: Step {
    static let kind = "manual"
    static let summary = "Wait until a person has done something."
    static let phase = Phase.human
    static let fields = Fields(
        shorthand: "instructions",
        Field.required("instructions", as: String.self, "what the person is to do"))

    let instructions: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { instructions = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(isOpaque: true) }
    var rerun: Rerun { .never }

    /// In a drill nobody was asked, so that nobody has to say how far he got.
    func reconcile(reading: StepReading) async throws -> Reconciliation { reading.isDrill ? .notDone : .unknown }

    func run(in context: StepContext) async throws -> StepResult {
        if context.isDrill { throw Skipped(because: "a person would do this: \(instructions)") }
        guard context.services.people.canAnswer else {
            throw Paused("\(instructions) (then `lifeboat resume \(context.run) --skip \(context.path)`)")
        }
        let answer = try await context.services.people.ask("\(instructions)\nType 'done' when it is done: ")
        guard answer == "done" else { throw Paused("\(instructions) (not done yet; `lifeboat resume \(context.run)` asks again)") }
        return StepResult(notes: ["done by hand"])
    }
}

/// A question that has to be answered before the run goes on.
struct ConfirmStep: Step {
    static let kind = "confirm"
    static let summary = "Ask a person whether to go on."
    static let phase = Phase.human
    static let fields = Fields(
        shorthand: "question",
        Field.required("question", as: String.self, "what is asked; only 'yes' goes on"))

    let question: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { question = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses() }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        if context.isDrill { throw Skipped(because: "a person would be asked: \(question)") }
        guard context.services.people.canAnswer else {
            throw Paused("\(question) (nobody is there to answer; `lifeboat resume \(context.run)` at a terminal asks again)")
        }
        let answer = try await context.services.people.ask("\(question) Only 'yes' goes on: ")
        guard answer == "yes" else { throw Paused("\(question) Answered with '\(answer ?? "nothing")'.") }
        return StepResult(notes: ["answered yes"])
    }
}
