internal import Documents

/// What whoever starts or resumes a run says about single steps: `--skip PATH`, `--from PATH`.
package struct StepChoices: Sendable, Codable, Equatable {
    /// Steps that are left out: done by hand, or not wanted.
    package var skip: [String]
    /// The step to begin with. Those before it that are not finished are left out; it and those after it are done, finished or not.
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
    private let order: [String]

    package init(_ parts: [KeptPart] = []) { order = parts.filter { $0.kind != .always }.flatMap(\.steps).map(\.path) }

    mutating func take(_ choices: StepChoices, finished: Set<String>) {
        if let from = choices.from, let index = order.firstIndex(of: from) {
            for path in order[..<index] where !finished.contains(path) { skipped[path] = "left out with --from \(from)" }
            for path in order[index...] { skipped[path] = nil }
            again.formUnion(order[index...])
        }
        for path in choices.skip {
            skipped[path] = "left out with --skip \(path)"
            again.remove(path)
        }
    }

    mutating func began(_ path: String) { again.remove(path) }
}
