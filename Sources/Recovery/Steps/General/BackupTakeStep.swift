internal import Bindings
internal import Documents

/// Keeps what is still readable of a target before it is destroyed.
struct BackupTakeStep: Step {
    static let kind = "backup.take"
    static let summary = "Keep a copy of what is still readable before it is destroyed."
    static let phase = Phase.save
    static let fields = Fields(
        Field.maybe("target", as: Name.self, literal: true, "role of the target; the only one when left out"),
        Field.maybe("database", as: String.self, "the database that is kept; what the target's address names when left out"),
        Field.maybe("collection", as: String.self, "the collection that is kept; all of them when left out"),
        Field.optional(
            "optional", as: Optionality.self, default: .never,
            "`unreadable`: go on when the target cannot be read, since that may be why it is being recovered"))

    /// The name of the copy as a backup.
    static let backupFact = "backup"

    enum Optionality: String, Choice { case never, unreadable }

    let target: Name?
    /// What of the target is kept.
    let object: String?
    let optional: Optionality

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (target, database, collection, optional) = try Self.fields.read(node, reading)
        (self.target, self.optional, object) = (target, optional, database ?? collection)
        guard database == nil || collection == nil else {
            throw InvalidDocument("`database:` and `collection:` are of different engines", at: node)
        }
    }

    var uses: StepUses { StepUses(target: target.map { .role($0.text) } ?? .any) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        guard let target = context.target else { throw Failure(.bug, "backup.take has no target") }
        do {
            let copy = try await keep(target, context)
            return StepResult(
                facts: [Self.backupFact: .text("\(copy.id)"), "location": .text(copy.location), "bytes": .integer(copy.bytes)],
                notes: ["kept in \(copy.location)"] + copy.problems.map { "not kept: \($0)" })
        } catch let failure as Failure where optional == .unreadable && failure.meansUnreadable {
            return StepResult(
                notes: ["nothing could be kept: \(([failure.problem] + failure.causes).joined(separator: ": "))"], exercised: false)
        }
    }

    /// A hiccup must not cost the copy of what is about to be destroyed: what did not answer is asked once more before it counts as
    /// unreadable.
    private func keep(_ target: any EngineTarget, _ context: StepContext) async throws -> SafetyCopy {
        let taker = context.services.taker
        do {
            return try await taker.take(target, object: object, run: context.run, path: context.path)
        } catch let failure as Failure where optional == .unreadable && failure.meansUnreadable && failure.isWorthRetrying {
            context.services.say("\(failure.problem); trying once more")
            return try await taker.take(target, object: object, run: context.run, path: context.path)
        }
    }
}

extension Failure {
    /// The thing to be copied cannot be read; the place to copy to is not at fault.
    fileprivate var meansUnreadable: Bool {
        switch kind {
        case .unreachable, .engine, .timedOut, .credentials, .notFound, .damaged, .unfit: true
        default: false
        }
    }
}
