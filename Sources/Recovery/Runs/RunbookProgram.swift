internal import Bindings
internal import Documents

/// One runbook as a part of a run: its steps as they are listed, and as they are carried out. The same for drills and
/// real runs; only what the roles are bound to differs.
struct RunbookProgram {
    let runbook: Runbook
    /// Its place among the runbooks of the run, from 1.
    let number: Int
    /// What its inputs are given; those left out get their defaults.
    let given: [String: String]
    /// How long it may take by itself.
    var rto: Duration?
    /// The numbers of those that come to their end before it begins; nil: all before it.
    var waitsFor: [Int]?

    var inputs: [String: String] {
        var values: [String: String] = [:]
        for entry in runbook.inputs.entries { values[entry.key.text] = given[entry.key.text] ?? entry.value.fallback }
        return values
    }

    func listed(_ bindings: [RunResult.Part.Binding]) -> KeptPart {
        KeptPart(
            kind: .runbook, name: runbook.name.text, title: runbook.title, version: runbook.version, owner: runbook.owner,
            reviewed: runbook.reviewed?.canonical,
            bindings: bindings + inputs.sorted { $0.key < $1.key }.map { .init(.input, $0.key, $0.value) },
            steps: Self.listed(runbook.steps, prefix: "\(number)"), rtoObjectiveSeconds: rto?.inSeconds, waitsFor: waitsFor)
    }

    /// Nil when the runbook leaves nothing to be done always.
    func listedAlways() -> KeptPart? {
        guard !runbook.always.isEmpty else { return nil }
        return KeptPart(
            kind: .always, name: runbook.name.text, title: "Always, after \(runbook.name)",
            steps: Self.listed(runbook.always, prefix: "always-\(number)"))
    }

    /// The part of the program that a listed part stands for.
    func part(_ kept: KeptPart, bound bindings: RoleBindings) -> Program.Part {
        let documents = kept.kind == .always ? runbook.always : runbook.steps
        return Program.Part(kept: kept, steps: Self.steps(documents, kept, inputs: inputs), bindings: bindings)
    }

    static func listed(_ steps: [StepDocument], prefix: String) -> [KeptStep] {
        steps.enumerated().map { index, step in
            KeptStep(
                path: "\(prefix).\(index + 1)", id: step.id?.text, name: step.name, kind: step.type.kind, phase: step.type.phase,
                goesOn: step.frame.onFailure == .continue ? true : nil)
        }
    }

    static func steps(_ documents: [StepDocument], _ part: KeptPart, inputs: [String: String]) -> [ProgramStep] {
        zip(documents, part.steps).map { document, kept in
            ProgramStep(
                kept: kept, frame: document.frame,
                read: { facts in try read(document, RunbookReading.running(inputs: inputs, facts: facts)) },
                foresee: { try read(document, RunbookReading.planning(inputs: inputs)) })
        }
    }

    private static func read(_ document: StepDocument, _ reading: Reading) throws -> any Step {
        do { return try document.action(reading) } catch {
            throw Failure(.document, "'\(document.name)' cannot be read with its values: \(error)")
        }
    }
}
