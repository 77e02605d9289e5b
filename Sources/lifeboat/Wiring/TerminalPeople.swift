import Bindings
import Outlets
import Recovery

/// The person in front of the terminal, when both ends are one.
struct TerminalPeople: People {
    var canAnswer: Bool { StandardStream.input.isTerminal && StandardStream.errors.isTerminal }

    func ask(_ text: String) async throws -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { TerminalText(String($0)).text }
        try StandardStream.errors.write(lines.joined(separator: "\n"))
        return try await StandardStream.readLine()
    }
}
