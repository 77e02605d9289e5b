internal import Bindings
internal import Documents

/// Holds what one store keeps of another against it: every identifier of the first place exists in the second.
///
/// Two stores that were each restored without a fault can still not belong together: a recovery set has a spread.
struct ReferencesVerifyStep: Step {
    static let kind = "references.verify"
    static let summary = "Check that what one store refers to exists in another: every identifier of a place, or a sample of them."
    static let phase = Phase.verify
    static let fields = Fields(
        Field.required("from", as: IdentifierPlace.self, "where the references are"),
        Field.required("to", as: IdentifierPlace.self, "where what they refer to is"),
        Field.maybe("sample", as: Sample.self, "only so many of them are looked up, fairly chosen; all of them when left out"),
        Field.optional(
            "nulls", as: Nulls.self, default: .forbidden,
            "whether references may be missing: NULL, or a field that is not there. `allowed` leaves them out"))

    enum Nulls: String, Choice { case allowed, forbidden }

    /// `1000`, or `{size: 1000, seed: 7}`.
    struct Sample: DocumentMapping {
        static let fields = Fields(
            shorthand: "size",
            Field.required("size", as: Int.self, limit: .range(1...1_000_000), "how many different ones"),
            Field.maybe(
                "seed", as: Int.self, limit: .atLeast(0),
                "chooses them; the same seed takes the same ones. Another one in every run when left out, which the report names"))

        let size: Int
        let seed: Int?

        init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (size, seed) = try Self.fields.read(node, reading) }
    }

    let from: IdentifierPlace
    let to: IdentifierPlace
    let sample: Sample?
    let nulls: Nulls

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (from, to, sample, nulls) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(places: [from, to]) }
    /// It only reads.
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let fromTarget = try context.place(from)
        let toTarget = try context.place(to)
        let fromWords = from.words(on: fromTarget.binding.name)
        let toWords = to.words(on: toTarget.binding.name)
        var opened: [any Identifiers] = []
        let outcome: Result<StepResult, any Error>
        do {
            let first = try await fromTarget.identifiers(at: from)
            opened.append(first)
            let second = try await toTarget.identifiers(at: to)
            opened.append(second)
            outcome = .success(try await compare(first, second, fromWords, toWords, context))
        } catch let nothing as NoSuchPlace {
            outcome = .success(
                StepResult(checks: [
                    .undetermined(fromWords, "found in \(toWords)", expected: "both of them to be there", because: nothing.words)
                ]))
        } catch {
            outcome = .failure(error)
        }
        let places = opened
        await uncancelled { for place in places { await place.close() } }
        return try outcome.get()
    }

    private func compare(
        _ from: any Identifiers, _ to: any Identifiers, _ fromWords: String, _ toWords: String, _ context: StepContext
    ) async throws -> StepResult {
        let comparison = ReferenceComparison(
            from: from, to: to, fromWords: fromWords, toWords: toWords,
            sample: sample.map { .init(size: $0.size, seed: UInt64($0.seed ?? Self.seed(of: context.run))) },
            nulls: nulls == .allowed ? .allowed : .forbidden, say: context.services.say)
        let (checks, tally) = try await comparison.compare()
        let allowed = nulls == .allowed && tally.nulls > 0 ? ["\(tally.nulls) NULLs of \(fromWords) left out, as allowed"] : []
        return StepResult(
            checks: checks,
            facts: [
                "references": .integer(tally.identifiers), "compared": .integer(tally.compared), "missing": .integer(tally.missing),
                "nulls": .integer(tally.nulls),
            ], notes: allowed)
    }

    /// The same in every life of a run, another one in every run, and below 2^31, so that it can be written back anywhere.
    private static func seed(of run: RunID) -> Int {
        run.rawValue.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0x7fff_ffff }
    }
}
