import Bindings
import Outlets
import Recovery
import Synchronization

/// Standard output carries the result, standard error the progress and what went wrong.
struct Output: Sendable {
    let json: Bool
    let style: TerminalStyle
    let errorStyle: TerminalStyle
    let width: Int
    private let shown = Shown()

    init(json: Bool, style: TerminalStyle, errorStyle: TerminalStyle, width: Int) {
        self.json = json
        self.style = style
        self.errorStyle = errorStyle
        self.width = width
    }

    /// Whether anything stands on standard output already.
    var hasShown: Bool { shown.isTrue.load(ordering: .relaxed) }

    /// The result, for a person. Not shown with `--json`.
    func show(_ text: TerminalText) {
        if !json { write(text.text + "\n", to: .output) }
    }

    /// The result as a page that is escaped already.
    func show(page: String) {
        if !json { write(page, to: .output) }
    }

    /// The result, for a machine.
    func show(json value: some Encodable) throws {
        if json { show(bytes: try JSONText.encode(value, .pretty)) }
    }

    /// Bytes that are the result in themselves.
    func show(bytes: [UInt8]) {
        shown.isTrue.store(true, ordering: .relaxed)
        // A reader that has gone away (a closed pager) is not our failure.
        try? StandardStream.output.write(bytes)
    }

    /// What went wrong, with why and what to do, each on its own lines.
    func complain(_ failure: Failure) {
        let label = TerminalText("error:").styled(.bad, errorStyle)
        var lines = [label + " " + Self.indented(failure.problem)]
        lines += failure.causes.map { "  because: " + Self.indented($0) }
        if let advice = failure.advice { lines.append("  hint: " + Self.indented(advice)) }
        for line in lines { write(line.text + "\n", to: .errors) }
    }

    /// Mistakes in documents, in the compiler's layout.
    func complain(_ rendered: String) { write(rendered + "\n", to: .errors) }

    private static func indented(_ text: String) -> TerminalText {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map { TerminalText(String($0)) }
        guard var joined = lines.first else { return "" }
        for line in lines.dropFirst() { joined = joined + "\n    " + line }
        return joined
    }

    private func write(_ text: String, to stream: StandardStream) {
        if stream == .output {
            show(bytes: Array(text.utf8))
        } else {
            try? stream.write(text)
        }
    }
}

/// Shared by all copies of an output.
private final class Shown: Sendable {
    let isTrue = Atomic(false)
}
