/// The parts of a program, each as soon as those that it waits for have come to their end.
extension Runner {
    private struct PartEnd: Sendable {
        var verdict = Verdict()
        /// False: it stopped on its way, and nothing that waits for it begins.
        var isThrough = true
    }

    /// Goes through all parts but `always`. One that stops keeps those back that wait for it; the others go on to their own ends, since
    /// what they find out is evidence too.
    func carryOutParts(after history: RunHistory?) async -> Verdict {
        let parts = program.parts.filter { !$0.isAlways }
        let order = program.order
        let ends = await withTaskGroup(of: (Int, PartEnd).self) { group in
            var ends: [Int: PartEnd] = [:]
            var waiting = Array(parts.indices)
            repeat {
                for place in waiting where order.before[place].allSatisfy({ ends[$0]?.isThrough == true }) {
                    waiting.removeAll { $0 == place }
                    // What stands side by side with a step does not decide whether it is done: that would be chance.
                    let before = Verdict(order.before[place].sorted().compactMap { ends[$0]?.verdict })
                    group.addTask { (place, await carryOut(parts[place], at: place, after: history, before)) }
                }
                guard let (place, end) = await group.next() else { return ends }
                ends[place] = end
            } while true
        }
        for (place, part) in parts.enumerated() where ends[place] == nil && interruption.signal == nil {
            guard let obstacle = order.before[place].sorted().first(where: { ends[$0]?.isThrough == false }) else { continue }
            progress.say(.warning("'\(part.kept.title)' was not begun: '\(parts[obstacle].kept.title)' did not come to its end"))
        }
        return Verdict(ends.sorted { $0.key < $1.key }.map(\.value.verdict))
    }

    /// - Parameter before: how what it waited for went.
    private func carryOut(_ part: Program.Part, at place: Int, after history: RunHistory?, _ before: Verdict) async -> PartEnd {
        progress.say(.heading(heading(of: part)))
        var end = PartEnd()
        for step in part.steps {
            if interruption.signal != nil { return stopped(end) }
            let attempts = StepAttempts(
                runner: self, part: part, step: step, history: history, verdict: Verdict([before, end.verdict]))
            let outcome = await attempts.carryOut()
            guard let problem = outcome.problem else { continue }
            end.verdict.add(problem, outcome.failure, at: step.kept.path)
            standing.note(end.verdict, of: place)
            switch problem {
            case .paused, .interrupted: return stopped(end)
            default: if step.frame.onFailure == .stop { return stopped(end) }
            }
        }
        return end
    }

    private func stopped(_ end: PartEnd) -> PartEnd {
        var end = end
        end.isThrough = false
        return end
    }

    /// The number is what the paths of its steps begin with.
    private func heading(of part: Program.Part) -> String {
        guard program.order.goesSideBySide, part.kept.kind == .runbook, let number = part.kept.number else { return part.kept.title }
        return "\(number)  \(part.kept.title)"
    }
}
