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

    /// Well-known addresses that a machine with a way out reaches: resolvers of Cloudflare, Google and Quad9.
    private static let outside = ["1.1.1.1", "8.8.8.8", "9.9.9.9"]
    private static let patience = Duration.milliseconds(300)

    func findings() async throws -> Findings {
        guard case .namespace = way else { return await byExec() }
        let gateways = try await dockerFailures { try await engine.gateways(ofNetwork: network.id) }
        let pid = container.pid
        return try await blocking { _ in
            let inside = NetworkNamespace(ofProcess: pid)
            do {
                let listener = try OpenDoor()
                var machine = false
                for address in Set(Machine.addresses + gateways).sorted() where !machine {
                    machine = try inside.reaches(address, port: listener.port, within: Self.patience)
                }
                var outside = false
                for address in Self.outside where !outside { outside = try inside.reaches(address, port: 53, within: Self.patience) }
                return Findings(outside: outside, machine: machine)
            } catch let error as ErrorNumber {
                throw Failure(.environmentUnavailable, "cannot look out of the container's network: \(error)")
            }
        }
    }

    /// With whatever the image has to connect with. What it has nothing for stays unknown.
    private func byExec() async -> Findings {
        guard let listener = try? OpenDoor() else { return Findings() }
        let gateways = (try? await engine.gateways(ofNetwork: network.id)) ?? []
        let machine = (Machine.addresses + gateways).map { "\($0) \(listener.port)" }
        let lines = Set(machine).sorted() + Self.outside.map { "\($0) 53" }
        guard let answer = try? await engine.execute(["sh", "-c", Self.script, "sh"] + lines, in: container.id), answer.status == 0 else {
            return Findings()
        }
        let open = Set(answer.output.split(separator: "\n").map(String.init))
        return Findings(
            outside: Self.outside.contains { open.contains("\($0) 53") }, machine: machine.contains { open.contains($0) })
    }

    /// Prints those of its arguments (`ADDRESS PORT`) that it can connect to; status 3 when there is nothing to connect with.
    private static let script = """
        if command -v bash >/dev/null; then try() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2"; }
        elif command -v nc >/dev/null; then try() { nc -z -w 1 "$1" "$2"; }
        else exit 3; fi
        for target; do set -- $target; if try "$1" "$2" >/dev/null 2>&1; then echo "$1 $2"; fi; done
        """
}
