import Bindings
import Recovery

/// Finds out, from inside, what a drill's containers can reach.
struct IsolationProbe: Sendable {
    /// What was found; nil where it could not be tried, which counts as reachable.
    struct Findings: Sendable, Equatable {
        var outside: Bool?
        var machine: Bool?
    }

    let engine: DockerEngine
    let container: ContainerFacts
    let network: DrillNetwork
    let way: DockerWay
    /// On which the container's own server listens.
    let port: Int

    /// Well-known addresses that a machine with a way out reaches: resolvers of Cloudflare, Google and Quad9.
    private static let outside = ["1.1.1.1", "8.8.8.8", "9.9.9.9"]
    private static let patience = Duration.milliseconds(300)

    func findings() async throws -> Findings {
        guard case .namespace = way else { return await byExec() }
        let gateways = try await dockerFailures { try await engine.gateways(ofNetwork: network.id) }
        let pid = container.pid
        let inside = NetworkNamespace(ofProcess: pid)
        do {
            let listener = try OpenDoor()
            // All at once: what is cut off answers nothing, and each would be waited for.
            async let machine = Self.reachesAny(of: Machine.addresses + gateways, at: listener.port, from: inside)
            async let outside = Self.reachesAny(of: Self.outside, at: 53, from: inside)
            let findings = try await Findings(outside: outside, machine: machine)
            return withExtendedLifetime(listener) { findings }
        } catch let error as ErrorNumber {
            throw Failure(.environmentUnavailable, "cannot look out of the container's network: \(error)")
        }
    }

    private static func reachesAny(of addresses: [String], at port: UInt16, from inside: NetworkNamespace) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for address in Set(addresses) {
                group.addTask { try await blocking { _ in try inside.reaches(address, port: port, within: patience) } }
            }
            return try await group.reduce(false) { $0 || $1 }
        }
    }

    /// With whatever the image has to connect with. What it has nothing for stays unknown.
    private func byExec() async -> Findings {
        guard let listener = try? OpenDoor() else { return Findings() }
        let gateways = (try? await engine.gateways(ofNetwork: network.id)) ?? []
        let machine = (Machine.addresses + gateways).map { "\($0) \(listener.port)" }
        let control = "127.0.0.1 \(port)"
        let lines = [control] + Set(machine).sorted() + Self.outside.map { "\($0) 53" }
        guard let answer = try? await engine.execute(["sh", "-c", Self.script, "sh"] + lines, in: container.id), answer.status == 0 else {
            return Findings()
        }
        let open = Set(answer.output.split(separator: "\n").map(String.init))
        // Who does not even see the server beside it is blind.
        guard open.contains(control) else { return Findings() }
        return Findings(
            outside: Self.outside.contains { open.contains("\($0) 53") }, machine: machine.contains { open.contains($0) })
    }

    /// Prints those of its arguments (`ADDRESS PORT`) that it can connect to; status 3 when there is nothing to connect with.
    private static let script = """
        if command -v bash >/dev/null; then try() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2"; }
        elif command -v python3 >/dev/null; then
            try() { python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)' "$1" "$2"; }
        elif command -v nc >/dev/null; then try() { nc -w 1 "$1" "$2" </dev/null; }
        else exit 3; fi
        for target; do set -- $target; if try "$1" "$2" >/dev/null 2>&1; then echo "$1 $2"; fi; done
        """
}
