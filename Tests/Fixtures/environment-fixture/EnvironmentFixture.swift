import Bindings
import Environments
import Recovery

/// A program that starts an environment and is killed, for the test of what is left then.
@main struct EnvironmentFixture {
    static func main() async throws {
        ThisProcess.prepare()
        let us = Owner(host: Machine.hostName, pid: ThisProcess.pid, processStart: ThisProcess.startTime, namespace: ThisProcess.namespace)
        var settings = ProcessEnvironment.Settings.standard(temporary: "/tmp")
        settings.workFolder = CommandLine.arguments[1]
        let provider = ProcessEnvironment(
            settings, owner: us, environment: ChildEnvironment(from: ThisProcess.environment), web: WebCalls(), digests: Random(),
            time: Clock())
        let request = EnvironmentRequest(
            run: RunID(rawValue: "killed"), generation: 1, expires: Clock().now, servers: [(name: "db", recipe: Sleeper())],
            apps: [
                (name: "app", recipe: AppRecipe(command: CommandSpec("/bin/sh", ["-c", "sleep 1000 & wait"]), uses: "db", healthPath: nil))
            ],
            connectionURL: { _, address, _ in Secret(address.text) })
        let environment = try await provider.start(request)
        try StandardStream.output.write(Array("ready\n".utf8))
        ThisProcess.endBy(signal: 9)
        try await environment.stop()
    }
}

private struct Sleeper: ServerRecipe {
    let engine = EngineName("sleeper")

    func processPlan(in place: ProcessPlace) throws -> ProcessPlan {
        ProcessPlan(
            files: [("\(place.folder)/file", place.password)], preparation: [],
            server: CommandSpec("/bin/sh", ["-c", "sleep 1000 & wait", "\(place.folder)/server"]), stopSignal: 15, grace: .seconds(2),
            address: ServerAddress(host: "127.0.0.1", port: place.port, user: nil, password: place.password))
    }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        ServerIdentity(version: "1", system: nil, standIn: true)
    }
}

private struct Clock: TimeSource {
    let now = Timestamp(millisecondsSince1970: 0)
    var uptime: Duration { .nanoseconds(monotonicNanoseconds()) }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

private struct Random: Digesting {
    func sha256(_ bytes: [UInt8]) -> String { hexadecimal(bytes) }
    func makeDigest() -> any RunningDigest { Nothing() }
    func randomBytes(_ count: Int) -> [UInt8] { Bindings.randomBytes(count) }
}

private struct Nothing: RunningDigest {
    func update(_ bytes: [UInt8]) {}
    func finish() -> String { "" }
}
