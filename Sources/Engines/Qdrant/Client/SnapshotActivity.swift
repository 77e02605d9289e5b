import Documents
import Recovery

/// Snapshots and recovers that a server is at work on.
struct SnapshotActivity: Sendable, Equatable {
    /// By collection. One that is not among them has had none since the server started.
    var creating: [String: Int] = [:]
    var recovering: [String: Int] = [:]
    /// Since the server started.
    var created: [String: Int] = [:]
    /// False when the server said nothing of snapshots at all: then that none is named does not say that there is none.
    var isTold = true

    func isCreating(_ collection: String) -> Bool { creating[collection, default: 0] > 0 }
    func isRecovering(_ collection: String) -> Bool { recovering[collection, default: 0] > 0 }

    /// How many snapshots of the collection there were since the server started; nil when it does not tell.
    func made(_ collection: String) -> Int64? { isTold ? Int64(created[collection, default: 0]) : nil }

    /// Whether a snapshot of the collection was begun since an earlier look; nil when it cannot be told.
    func hasMade(_ collection: String, since earlier: SnapshotActivity) -> Bool? {
        guard isTold, earlier.isTold else { return nil }
        let (before, now) = (earlier.created[collection, default: 0], created[collection, default: 0])
        // A server that was started again counts from nothing.
        return now > (now < before ? 0 : before)
    }
}

extension SnapshotActivity {
    /// Nil when it is no text of metrics.
    init?(metrics: String) {
        self.init(isTold: false)
        guard metrics.contains("app_info{") else { return nil }
        for line in metrics.split(separator: "\n") where line.hasPrefix("snapshot_") {
            guard let match = line.wholeMatch(of: /(snapshot_[a-z_]+)\{id="(.*)"\} ([0-9]+)\r?/), let count = Int(match.3) else { continue }
            let name = match.2.replacing("\\\"", with: "\"").replacing("\\n", with: "\n").replacing("\\\\", with: "\\")
            switch match.1 {
            case "snapshot_creation_running":
                creating[String(name)] = count
                isTold = true
            case "snapshot_recovery_running": recovering[String(name)] = count
            case "snapshot_created_total": created[String(name)] = count
            default: break
            }
        }
    }

    /// Out of the `result` of `/telemetry`; not told when that has no list of snapshots.
    init(telemetry: JSONValue) {
        self.init(isTold: false)
        guard let list = telemetry["collections"]?["snapshots"]?.array else { return }
        isTold = true
        for entry in list {
            guard let name = entry["id"]?.string else { continue }
            creating[name] = entry["running_snapshots"]?.int.map { Int($0) } ?? 0
            recovering[name] = entry["running_snapshot_recovery"]?.int.map { Int($0) } ?? 0
            created[name] = entry["total_snapshot_creations"]?.int.map { Int($0) } ?? 0
        }
    }
}

extension QdrantClient {
    /// Out of `/metrics`, and out of `/telemetry` when the metrics name no snapshots: a server that has made none since its start leaves
    /// that family of metrics out, as one does that prints them under another prefix, or is older than they are (1.16). Telemetry says of
    /// the first two that its list is empty, and nothing of the last.
    func activity() async throws -> SnapshotActivity {
        let call = QdrantCall("ask which snapshots it is at work on", "GET", ["metrics"])
        let answer = try await failing { try await send(call) }
        guard let activity = SnapshotActivity(metrics: String(decoding: answer.body, as: UTF8.self)) else {
            throw foreign(call, answer.body)
        }
        guard !activity.isTold else { return activity }
        let other = QdrantCall("ask which snapshots it is at work on", "GET", ["telemetry"], query: [("details_level", "3")])
        do {
            let body = try await send(other).body
            guard let result = (try? JSONValue(parsing: body))?["result"] else { return activity }
            return SnapshotActivity(telemetry: result)
        } catch let refusal as QdrantRefusal where !refusal.mayPass {
            return activity
        } catch let refusal as QdrantRefusal { throw refusal.failure }
    }
}
