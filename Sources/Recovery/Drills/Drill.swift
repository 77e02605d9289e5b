internal import Bindings
package import Documents

/// A drill with its runbooks, read and held against each other and against the configuration.
package struct Drill: Sendable {
    package let document: DrillDocument
    package let source: DocumentSource
    package let runbooks: [Runbook]
    package let given: [StepDocument]
    /// What is checked after the last run.
    package let across: [StepDocument]

    /// - Parameter readRunbook: the document at a path that the drill names; throws `InvalidDocument` for one with mistakes,
    ///   `Failure(.notFound)` when there is none.
    package init(
        _ text: Document, _ source: DocumentSource, _ registry: StepRegistry, configuration: ConfigurationDocument?,
        readRunbook: (String) throws -> Runbook
    ) throws {
        self.source = source
        var broken: [InvalidDocument] = []
        var document: DrillDocument?
        do { document = try text.read() } catch { broken.append(error) }
        // Names are held against each other whatever else is wrong.
        let parts = DrillParts(text)

        var diagnostics: [Diagnostic] = []
        var runbooks: [Runbook] = []
        var names: [Name?] = []
        var seen: Set<String> = []
        for run in parts.runs {
            names.append(nil)
            guard let named = run.runbook else { continue }
            let path = source.resolve(named.value)
            do {
                let runbook = try readRunbook(path)
                if !runbooks.contains(where: { $0.source.path == runbook.source.path }), let obstacles = runbook.obstaclesToDrills {
                    broken.append(obstacles)
                }
                runbooks.append(runbook)
                names[names.count - 1] = runbook.name
                diagnostics +=
                    RunBindingCheck(environment: parts.environment, run: run, named: named, runbook: runbook, configuration: configuration)
                    .problems()
            } catch let invalid as InvalidDocument {
                if seen.insert(path).inserted { broken.append(invalid) }
            } catch let failure as Failure where failure.kind == .notFound {
                diagnostics.append(named.diagnostic(failure.problem, hint: failure.hint))
            }
        }
        var reader = StepListReader(registry: registry, inputs: [])
        given = reader.read(parts.given)
        let beforeAcross = reader.actions.count
        across = reader.read(parts.across)
        diagnostics += reader.diagnostics + reader.obstaclesToDrills
        for step in reader.actions {
            if let role = step.document.frame.targetRole, let name = try? Name(scalar: role), parts.environment.lacks(name) {
                diagnostics.append(parts.environment.lackingServer(role, at: step.document.targetPlace))
            }
        }
        diagnostics += AcrossCheck(environment: parts.environment, registry: registry).problems(
            in: Array(reader.actions[beforeAcross...]))
        diagnostics += AfterCheck(runs: parts.runs, names: names).problems()
        diagnostics += EnvironmentCheck(environment: parts.environment, engines: registry.engines).problems()
        diagnostics += ObjectiveCheck(drill: parts, configuration: configuration).problems()
        self.runbooks = runbooks
        guard let document, broken.isEmpty, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw InvalidDocument(combining: broken + [InvalidDocument(diagnostics).attributed(to: text.source)])
        }
        self.document = document
    }

    package var title: String { document.title ?? "Drill \(document.name)" }
}
