internal import Bindings
internal import Documents

/// Reads a list of steps with placeholders for what is not known yet, and keeps everything that is wrong with them.
struct StepListReader {
    struct Action {
        let document: StepDocument
        let action: any Step
        let isAlways: Bool
    }

    let registry: StepRegistry
    /// Nil: nobody knows which are declared.
    let inputs: [String]?
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var actions: [Action] = []
    private var ids: [String: YAMLSpan] = [:]
    private var lists = 0

    init(registry: StepRegistry, inputs: [String]?) {
        self.registry = registry
        self.inputs = inputs
    }

    /// What keeps a drill from having these steps.
    var obstaclesToDrills: [Diagnostic] {
        actions.compactMap { step in
            guard let obstacle = step.action.obstacleToDrills else { return nil }
            return Diagnostic("'\(step.document.name)' \(obstacle.problem)", hint: obstacle.hint, at: step.document.node)
        }
    }

    /// Reads one list after the other; the second one is what always runs.
    mutating func read(_ nodes: [YAMLNode]) -> [StepDocument] {
        lists += 1
        return nodes.compactMap { read($0) }
    }

    private mutating func read(_ node: YAMLNode) -> StepDocument? {
        let earlier = ids.keys.sorted()
        let reading = RunbookReading.checking(inputs: inputs, steps: earlier)
        do throws(InvalidDocument) {
            let step = try StepDocument(node, reading, registry)
            if let id = step.id, let first = ids.updateValue(node.span, forKey: id.text) {
                diagnostics.append(Diagnostic("id '\(id)' is used twice; first on line \(first.line)", at: node))
            }
            let action = try step.action(reading)
            if step.frame.attempts > 1, action.rerun == .never {
                diagnostics.append(
                    Diagnostic(
                        "'\(step.name)' may never run twice, so it cannot have \(step.frame.attempts) attempts",
                        hint: "leave `attempts` out", at: node))
            }
            actions.append(Action(document: step, action: action, isAlways: lists > 1))
            return step
        } catch {
            diagnostics += error.diagnostics
            return nil
        }
    }
}

/// What `${…}` stands for in a runbook.
enum RunbookReading {
    /// While only the document is known: every declared name is a placeholder.
    static func checking(inputs: [String]?, steps: [String]) -> Reading {
        Reading(namespaces: ["input", "step"]) { namespace, name in
            if namespace == "input" {
                guard let inputs else { return .placeholder }
                return inputs.contains(name) ? .placeholder : .unknown(candidates: inputs)
            }
            let id = String(name.prefix { $0 != "." })
            return steps.contains(id) && name.contains(".") ? .placeholder : .unknown(candidates: steps.map { "\($0).FACT" })
        }
    }

    /// Before the run: inputs are known, what steps will find out is not.
    static func planning(inputs: [String: String]) -> Reading {
        Reading(namespaces: ["input", "step"]) { namespace, name in
            if namespace == "step" { return .placeholder }
            return inputs[name].map { .value($0) } ?? .unknown(candidates: inputs.keys.sorted())
        }
    }

    /// While the run goes on.
    static func running(inputs: [String: String], facts: [String: [String: Fact]]) -> Reading {
        Reading(namespaces: ["input", "step"]) { namespace, name in
            if namespace == "input" {
                return inputs[name].map { .value($0) } ?? .unknown(candidates: inputs.keys.sorted())
            }
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let known = facts[parts[0]] else { return .unknown(candidates: facts.keys.sorted()) }
            return known[parts[1]].map { .value($0.text) } ?? .unknown(candidates: known.keys.sorted().map { "\(parts[0]).\($0)" })
        }
    }
}
