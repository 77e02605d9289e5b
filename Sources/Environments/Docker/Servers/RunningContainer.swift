import Recovery

/// A server of the environment while it runs.
struct RunningContainer: Sendable {
    let name: String
    let id: String
    let log: ContainerLog
    let door: ContainerDoor
    /// Its own, inside.
    let port: Int
    /// Inside, where its data lies.
    let folders: [String]
    let started: StartedServer
    /// What it reached while it was starting; nil where that is tried later, or was.
    var findings: IsolationProbe.Findings?
}
