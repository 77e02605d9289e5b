import Recovery
import Synchronization

/// Somebody at the terminal, with answers ready; nobody, as long as there are none.
package final class ScriptedPeople: People {
    private let state = Mutex<(answers: [String], asked: [String])>(([], []))

    private let faults: Faults

    package init(faults: Faults = Faults()) { self.faults = faults }

    package func answers(_ answers: String...) { state.withLock { $0.answers = answers } }

    package var asked: [String] { state.withLock { $0.asked } }

    package var canAnswer: Bool { state.withLock { !$0.answers.isEmpty } }

    package func ask(_ text: String) async throws -> String? {
        state.withLock { $0.asked.append(text) }
        // Somebody who has left the terminal answers nothing.
        do { try faults.call(.people, "ask") {} } catch { return nil }
        return state.withLock { state in
            state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
    }
}
