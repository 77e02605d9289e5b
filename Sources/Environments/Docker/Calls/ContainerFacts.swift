import Documents

/// What an engine says of one container, as far as we ask.
struct ContainerFacts: Sendable {
    private let json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    var id: String { json["Id"]?.string ?? "" }
    var name: String { String((json["Name"]?.string ?? "").drop { $0 == "/" }) }
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
    var status: String { json["State"]?["Status"]?.string ?? "" }
    /// Engines take the beginning of an id for a name too. A name that is wrong must not become somebody else's container.
    func isCalled(_ name: String) -> Bool { self.name == name || (name.utf8.count >= 12 && id.hasPrefix(name)) }
    var isRunning: Bool { json["State"]?["Running"]?.bool ?? false }
    /// As this machine numbers it, if the engine runs on it; 0 when it does not run.
    var pid: Int32 { Int32(clamping: json["State"]?["Pid"]?.int ?? 0) }
    var exitCode: Int { Int(json["State"]?["ExitCode"]?.int ?? 0) }
    var ranOutOfMemory: Bool { json["State"]?["OOMKilled"]?.bool ?? false }
    var error: String { json["State"]?["Error"]?.string ?? "" }
    /// `starting`, `healthy`, `unhealthy`; nil without a health check. Podman before 5 calls it otherwise.
    var health: String? { healthState?["Status"]?.string.flatMap { $0.isEmpty || $0 == "none" ? nil : $0 } }
    var lastHealthOutput: String { healthState?["Log"]?.array?.last?["Output"]?.string ?? "" }
    private var healthState: JSONValue? { json["State"]?["Health"] ?? json["State"]?["Healthcheck"] }
    var restartPolicy: String { hostConfiguration["RestartPolicy"]?["Name"]?.string ?? "" }
    /// How long it may take to end before it is killed.
    var stopTimeout: Duration { .seconds(json["Config"]?["StopTimeout"]?.int ?? 10) }
    var labels: [String: String] {
        Dictionary((json["Config"]?["Labels"]?.members ?? []).map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
    }
    var environment: [String: String] {
        let pairs = (json["Config"]?["Env"]?.array ?? []).compactMap { variable -> (String, String)? in
            guard let text = variable.string, let equals = text.firstIndex(of: "=") else { return nil }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
        return Dictionary(pairs) { first, _ in first }
    }
    /// Names of the networks it is in, with its address there; empty for one without.
    var networks: [String: String] {
        let members = json["NetworkSettings"]?["Networks"]?.members ?? []
        return Dictionary(members.map { ($0.key, $0.value["IPAddress"]?.string ?? "") }) { first, _ in first }
    }
    /// Of the engine's machine, in the networks it is in.
    var gateways: [String] {
        (json["NetworkSettings"]?["Networks"]?.members ?? []).compactMap { $0.value["Gateway"]?.string }.filter { !$0.isEmpty }
    }
    /// What else it is called in a network.
    func aliases(in network: String) -> [String] {
        (json["NetworkSettings"]?["Networks"]?[network]?["Aliases"]?.array ?? []).compactMap(\.string)
    }
    var hostConfiguration: JSONValue { json["HostConfig"] ?? .null }
    var mounts: [JSONValue] { json["Mounts"]?.array ?? [] }
    /// Where volumes are mounted.
    var volumes: [String] { mounts.filter { $0["Type"]?.string == "volume" }.compactMap { $0["Destination"]?.string } }

    /// Where a port of it is published: addresses and ports of the engine's host.
    func published(_ port: Int) -> [(address: String, port: Int)] {
        (json["NetworkSettings"]?["Ports"]?["\(port)/tcp"]?.array ?? []).compactMap { binding in
            guard let number = binding["HostPort"]?.string.flatMap({ Int($0) }) else { return nil }
            return (binding["HostIp"]?.string ?? "", number)
        }
    }
}
