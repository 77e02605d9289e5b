import Recovery
import Synchronization

/// Somebody at the terminal, with answers ready; nobody, as long as there are none.
package final class ScriptedPeople: People {
    private let state = Mutex<(answers: [String], asked: [String])>(([], []))

    package init() {}

    package func answers(_ answers: String...) { state.withLock { $0.answers = answers } }

    package var asked: [String] { state.withLock { $0.asked } }

    package var canAnswer: Bool { state.withLock { !$0.answers.isEmpty } }

    package func ask(_ text: String) async throws -> String? {
        state.withLock { state in
            state.asked.append(text)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
    }
}
