internal import Documents

/// What whoever starts or resumes a run says about single steps: `--skip PATH`, `--from PATH`.
package struct StepChoices: Sendable, Codable, Equatable {
    /// Steps that are left out: done by hand, or not wanted.
    package var skip: [String]
    /// The step to begin with. Those before it that are not finished are left out; it and those after it are done, finished or not. What
    /// goes side by side with it is neither, and goes on as if nothing had been said.
    package var from: String?

    package init(skip: [String] = [], from: String? = nil) {
        self.skip = skip
        self.from = from
    }

    package static let none = StepChoices()

    /// What is wrong with them for a run of these parts.
    func mistakes(in parts: [KeptPart]) -> [Mistake] {
        let main = parts.filter { $0.kind != .always }.flatMap(\.steps).map(\.path)
        let all = parts.flatMap(\.steps).map(\.path)
        func unknown(_ option: String, _ path: String, _ known: [String]) -> Mistake {
            Mistake(
                "\(option) \(path): there is no such step",
                hint: known.suggestion(for: path)
                    ?? "the steps are \(known.first ?? "none") to \(known.last ?? "none"); `lifeboat plan` lists them")
        }
        return skip.filter { !all.contains($0) }.map { unknown("--skip", $0, all) }
            + [from].compactMap { $0 }.filter { !main.contains($0) }.map { unknown("--from", $0, main) }
    }
}

/// What follows for each step from the choices of all lives of a run.
package struct Steering: Sendable {
    /// Why a step is left out, by path.
    package private(set) var skipped: [String: String] = [:]
    /// Steps that are done whether or not an earlier life has finished them.
    package private(set) var again: Set<String> = []
    /// Paths of the steps by part, but for those always done at the end.
    private let paths: [[String]]
    private let order: PartOrder

    package init(_ parts: [KeptPart] = []) {
        let parts = parts.filter { $0.kind != .always }
        paths = parts.map { $0.steps.map(\.path) }
        order = PartOrder(parts)
    }

    mutating func take(_ choices: StepChoices, finished: Set<String>) {
        if let from = choices.from, let place = paths.firstIndex(where: { $0.contains(from) }),
            let index = paths[place].firstIndex(of: from)
        {
            let before = order.before[place].sorted().flatMap { paths[$0] } + paths[place][..<index]
            let after = paths[place][index...] + order.after(place).flatMap { paths[$0] }
            for path in before where !finished.contains(path) { skipped[path] = "left out with --from \(from)" }
            for path in after { skipped[path] = nil }
            again.formUnion(after)
        }
        for path in choices.skip {
            skipped[path] = "left out with --skip \(path)"
            again.remove(path)
        }
    }

    mutating func began(_ path: String) { again.remove(path) }
}
