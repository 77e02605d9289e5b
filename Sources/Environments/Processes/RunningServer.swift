import Bindings
import Recovery

/// A server of the environment while it runs.
struct RunningServer: Sendable {
    let name: String
    let place: ServicePlace
    let log: ServiceLog
    let life: ServerLife
    let port: TakenPort
    let started: StartedServer
}
