import Documents
import Recovery
import Synchronization

/// Reads what an engine tells while it pulls, and passes on as much of it as people want to read.
final class PullProgress: Sendable {
    private let name: ImageName
    private let time: any TimeSource
    private let say: @Sendable (String) -> Void
    private let state: Mutex<State>

    private struct State {
        var lines = JSONLines()
        var layers: [String: Layer] = [:]
        var error: String?
        var saidAt: Duration
        var saidBytes: Int64 = 0
    }

    private struct Layer {
        var current: Int64 = 0
        var total: Int64 = 0
        var isDone = false
    }

    init(of name: ImageName, time: any TimeSource, say: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.time = time
        self.say = say
        state = Mutex(State(saidAt: time.uptime))
    }

    /// The next bytes of the engine's stream.
    func take(_ bytes: [UInt8]) throws {
        let line = try state.withLock { state in
            for event in try state.lines.take(bytes) { Self.note(event, in: &state) }
            return news(in: &state)
        }
        if let line { say(line) }
    }

    /// Throws `DockerRefusal` when the engine told of an error: it does so within an answer that began as a success.
    func end() throws {
        let error = try state.withLock { state in
            for event in try state.lines.end() { Self.note(event, in: &state) }
            return state.error
        }
        if let error { throw DockerRefusal(status: 200, message: error, attempt: "pull the image \(name.short)") }
    }

    private static func note(_ event: JSONValue, in state: inout State) {
        state.error = state.error ?? event.engineError
        guard let id = event["id"]?.string, let status = event["status"]?.string else { return }
        var layer = state.layers[id] ?? Layer()
        switch status {
        case "Pulling fs layer", "Waiting": break
        case "Downloading":
            layer.current = event["progressDetail"]?["current"]?.int ?? layer.current
            layer.total = max(layer.current, event["progressDetail"]?["total"]?.int ?? layer.total)
        case "Verifying Checksum", "Download complete", "Extracting": layer.current = layer.total
        case "Pull complete", "Already exists":
            layer.current = layer.total
            layer.isDone = true
        default: return
        }
        state.layers[id] = layer
    }

    /// At most one line in half a second, and only when there is something to tell: a twentieth more, or that it still goes on.
    private func news(in state: inout State) -> String? {
        let total = state.layers.values.reduce(0) { $0 + $1.total }
        let current = state.layers.values.reduce(0) { $0 + $1.current }
        let now = time.uptime
        let pause = now - state.saidAt
        guard total > 0, pause >= .milliseconds(500) else { return nil }
        guard current - state.saidBytes >= max(1, total / 20) || pause >= .seconds(30) else { return nil }
        state.saidAt = now
        state.saidBytes = current
        let done = state.layers.values.count { $0.isDone }
        return "pulling \(name.short): \(ByteSize(current)) of \(ByteSize(total)), \(done) of \(state.layers.count) layers done"
    }
}
