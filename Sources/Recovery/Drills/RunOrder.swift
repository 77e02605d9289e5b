internal import Documents

/// Which runs of a drill wait for which. Two that share a server or an application go one after the other, in the order written: what the
/// one destroys the other would restore. So does a run that says `after:`. All others go side by side.
package struct RunOrder: Sendable {
    /// By index of the run: those above it that come to their end before it begins. Nil: all of them.
    package let waitsFor: [[Int]]?

    package init(_ drill: Drill) {
        let runs = drill.document.runs
        guard runs.count > 1, drill.document.order == .sideBySide else {
            waitsFor = nil
            return
        }
        let reach = runs.map { Self.reach(of: $0, in: drill.document.environment) }
        waitsFor = runs.enumerated().map { index, run in
            let named = Set(run.after.map(\.value))
            return (0..<index).filter { named.contains(drill.runbooks[$0].name) || !reach[$0].isDisjoint(with: reach[index]) }
        }
    }

    /// The names in the environment that a run has to do with. An application stands for the server that it uses, too: whether it gets
    /// healthy hangs on what is in there.
    private static func reach(of run: DrilledRunbook, in environment: Keyed<Name, ServiceDocument>) -> Set<Name> {
        var names = Set(run.targets.entries.map(\.value.value))
        for entry in run.apps.entries {
            guard case .standIn(let name) = entry.value else { continue }
            names.insert(name)
            if case .app(let app)? = environment[name] { names.formUnion([app.uses, app.server].compactMap(\.self)) }
        }
        return names
    }
}

/// Holds what runs are to wait for against the runs above them: whoever reads a drill from top to bottom sees what comes first, and no two
/// can wait for each other.
struct AfterCheck {
    let runs: [DrillParts.Run]
    /// Of the runs' runbooks; nil for one that cannot be read.
    let names: [Name?]

    func problems() -> [Diagnostic] {
        runs.indices.flatMap { index in runs[index].after.compactMap { problem($0, of: index) } }
    }

    private func problem(_ named: Located<Name>, of index: Int) -> Diagnostic? {
        let above = names[..<index]
        guard !above.contains(named.value) else { return nil }
        if names[index] == named.value { return named.diagnostic("the run of \(named.value) cannot wait for itself") }
        if names[index...].contains(named.value) {
            return named.diagnostic(
                "the run of \(named.value) stands below this one", hint: "a run waits for runs above it: put that one first")
        }
        guard !names.contains(nil) else { return nil }
        let known = above.compactMap { $0?.text }
        return named.diagnostic(
            "no run above has the runbook \(named.value)",
            hint: known.suggestion(for: named.value.text) ?? (known.isEmpty ? nil : "above are \(known.joined(separator: ", "))"))
    }
}
