import Documents
import Recovery
import Synchronization

/// Reads what an engine tells while it loads images: which ones they are, or what is wrong with the file.
final class LoadAnswer: Sendable {
    private let state = Mutex(State())

    private struct State {
        var lines = JSONLines()
        var names: [String] = []
        var error: String?

        mutating func note(_ event: JSONValue) {
            error = error ?? event.engineError
            // "Loaded image: postgres:16", or "Loaded image ID: sha256:…" for one without a name.
            for line in (event["stream"]?.string ?? "").split(separator: "\n") {
                for start in ["Loaded image: ", "Loaded image ID: "] where line.hasPrefix(start) {
                    names += line.dropFirst(start.count).split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init)
                }
            }
        }
    }

    /// The next bytes of the engine's stream.
    func take(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            for event in try state.lines.take(bytes) { state.note(event) }
        }
    }

    /// The names of what was loaded. Throws `DockerRefusal` when the engine told of an error.
    func end() throws -> [String] {
        try state.withLock { state in
            for event in try state.lines.end() { state.note(event) }
            if let error = state.error { throw DockerRefusal(status: 200, message: error, attempt: "load images") }
            return state.names
        }
    }
}

extension JSONValue {
    /// What went wrong, in the middle of an answer that began as a success.
    var engineError: String? { self["errorDetail"]?["message"]?.string ?? self["error"]?.string }
}
