import Bindings
import Recovery

/// Finds out, from inside, what a drill's containers can reach.
struct IsolationProbe: Sendable {
    /// What was found; nil where it could not be found out, which counts as reachable.
    struct Findings: Sendable, Equatable {
        /// Other networks.
        var outside: Bool?
        /// Somebody who knows names outside: what is asked for leaves, whatever the answer.
        var names: Bool?
        /// Containers that are not of this drill.
        var neighbours: Bool?
        /// The machine that they run on.
        var machine: Bool?
    }

    let engine: DockerEngine
    let container: ContainerFacts
    let network: DrillNetwork
    let way: DockerWay
    /// On which the container's own server listens.
    let port: Int

    /// Resolvers of Cloudflare, Google and Quad9; and for sites that let nobody get that far, the ways out of this machine itself.
    private static var outside: [String] {
        ["1.1.1.1", "8.8.8.8", "9.9.9.9"] + (Machine.resolvers + Machine.gateways).filter { !Machine.addresses.contains($0) }
    }
    private static let name = "example.com"
    private static let patience = Duration.milliseconds(300)
    private static let patienceForNames = Duration.seconds(1)
    /// How often a machine that can be expected to answer is tried, and how often neighbours while they come and go.
    private static let attempts = 5
    /// Where nobody listens: who is there refuses, and is not bothered further.
    private static let nobodys: UInt16 = 9

    /// What is tried; reached is whoever takes a connection, or refuses it.
    private struct Targets {
        var outside: [Target] = []
        var neighbours: [Target] = []
        var machine: [Target] = []

        var all: Set<Target> { Set(outside + neighbours + machine) }
    }

    private struct Target: Sendable, Hashable {
        let address: String
        let port: UInt16
        var words: String { "\(address) \(port)" }
    }

    func findings() async throws -> Findings {
        guard let door = try? OpenDoor() else { return Findings() }
        let gateways = try await dockerFailures { try await engine.gateways(ofNetwork: network.id) }
        var findings = Findings()
        for attempt in 1...Self.attempts {
            let targets = try await dockerFailures { try await whatIsTried(door, gateways) }
            findings = try await look(at: targets, gateways)
            // Where a container was that has gone meanwhile, whoever is on the way outside may have answered, or the next one there.
            guard findings.neighbours == true, attempt < Self.attempts else { break }
            let there = try await dockerFailures { try await neighbours() }
            if there.isSuperset(of: targets.neighbours) { break }
        }
        return withExtendedLifetime(door) { findings }
    }

    private func look(at targets: Targets, _ gateways: [String]) async throws -> Findings {
        switch way {
        case .namespace: try await byEntering(targets, gateways)
        case .joined: await byExec(targets)
        case .published: await byExecPatiently(targets)
        }
    }

    private func neighbours() async throws -> Set<Target> {
        let run = container.labels["\(DockerLabels.prefix)run"] ?? ""
        var own: String?
        if case .joined(let container) = way { own = container }
        return Set(try await engine.neighbours(of: run, most: 8, but: own).map { Target(address: $0, port: Self.nobodys) })
    }

    private func whatIsTried(_ door: OpenDoor, _ gateways: [String]) async throws -> Targets {
        var targets = Targets(outside: Self.outside.map { Target(address: $0, port: 53) })
        // On whatever machine the engine is, these are its addresses.
        targets.machine = gateways.map { Target(address: $0, port: Self.nobodys) }
        if case .joined(let container) = way {
            // Our own door is open in a container like theirs, which they are meant to reach.
            let others = try await engine.inspectContainer(container).gateways
            targets.machine += others.map { Target(address: $0, port: Self.nobodys) }
        } else {
            targets.machine += (Machine.addresses + gateways).map { Target(address: $0, port: door.port) }
        }
        targets.neighbours = Array(try await neighbours())
        return targets
    }

    /// Whether silence says that the engine's machine is not reached.
    private func silenceIsProof() async throws -> Bool {
        switch way {
        case .namespace: true
        // Ours are the addresses of a container. What the engine was told of the network has to stand in for a door.
        case .joined: try await engine.isSealed(network: network.id)
        // The machine has an address in this network, or in one that is reached by way of it. Silent may be a filter, or who is busy.
        case .published: false
        }
    }

    private func byEntering(_ targets: Targets, _ gateways: [String]) async throws -> Findings {
        let inside = NetworkNamespace(ofProcess: container.pid)
        do {
            // All at once: what is cut off answers nothing, and each would be waited for.
            async let names = Self.any(of: ["127.0.0.11"] + gateways) {
                try inside.hears(of: Self.name, from: $0, within: Self.patienceForNames)
            }
            async let outside = Self.reachesAny(of: targets.outside, from: inside)
            async let neighbours = Self.reachesAny(of: targets.neighbours, from: inside)
            async let machine = Self.reachesAny(of: targets.machine, from: inside)
            return try await Findings(outside: outside, names: names, neighbours: neighbours, machine: machine)
        } catch let error as ErrorNumber {
            throw Failure(.environmentUnavailable, "cannot look out of the container's network: \(error)")
        }
    }

    private static func reachesAny(of targets: [Target], from inside: NetworkNamespace) async throws -> Bool {
        try await any(of: targets) { try inside.reaches($0.address, port: $0.port, within: patience) }
    }

    private static func any<Target: Hashable & Sendable>(
        of targets: [Target], _ reaches: @escaping @Sendable (Target) throws -> Bool
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for target in Set(targets) { group.addTask { try await blocking { _ in try reaches(target) } } }
            return try await group.reduce(false) { $0 || $1 }
        }
    }

    /// Where the machine can be expected to answer, and may only have too much to do.
    private func byExecPatiently(_ targets: Targets) async -> Findings {
        var findings = await byExec(targets)
        for _ in 1..<Self.attempts
        where findings.outside != nil && findings.machine != true && IsolationLevel.leaks(findings).isEmpty {
            findings.machine = await byExec(Targets(machine: targets.machine)).machine
        }
        return findings
    }

    /// With whatever the image has to connect with. What it has nothing for stays unknown.
    private func byExec(_ targets: Targets) async -> Findings {
        let control = Target(address: "127.0.0.1", port: UInt16(clamping: port))
        let words = [Self.name, control.words] + targets.all.map(\.words).sorted()
        guard
            let answer = try? await engine.execute(
                ["sh", "-c", "PROGRAM=$1; shift; \(Self.script)", "sh", Self.program] + words, in: container.id), answer.status == 0
        else { return Findings() }
        let told = Set(answer.output.split(separator: "\n").map(String.init))
        // Who does not even see the server beside it is blind.
        guard told.contains(control.words) else { return Findings() }
        func reached(_ targets: [Target]) -> Bool { targets.contains { told.contains($0.words) } }
        var findings = Findings(
            outside: reached(targets.outside), names: told.contains("no names") ? nil : told.contains(Self.name),
            neighbours: reached(targets.neighbours), machine: reached(targets.machine))
        if findings.machine == false, (try? await silenceIsProof()) != true { findings.machine = nil }
        return findings
    }

    /// Prints which of its arguments it reaches: first a name, `no names` when there is nothing to ask with; then, as `ADDRESS PORT`, who
    /// takes a connection or refuses it. Status 3 when there is nothing to connect with.
    private static let script = """
        export LC_ALL=C
        if command -v python3 >/dev/null; then exec python3 -c "$PROGRAM" "$@"; fi
        patient() { if command -v timeout >/dev/null; then timeout "$@"; else shift; "$@"; fi; }
        if command -v bash >/dev/null && command -v timeout >/dev/null; then try() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2"; }
        elif command -v nc >/dev/null; then
            # BusyBox tells of a refusal without being asked to, and knows no -v.
            case $(nc -h 2>&1) in *BusyBox*) verbose= ;; *) verbose=-v ;; esac
            try() { patient 2 nc $verbose -w 1 "$1" "$2" </dev/null; }
        else exit 3; fi
        if ! command -v getent >/dev/null; then echo no names
        elif patient 3 getent ahostsv4 "$1" >/dev/null 2>&1 || patient 3 getent hosts "$1" >/dev/null 2>&1; then echo "$1"; fi
        shift
        for target; do
            {
                set -- $target
                if words=$(try "$1" "$2" 2>&1); then echo "$1 $2"; else case $words in *[Rr]efused*) echo "$1 $2" ;; esac; fi
            } &
        done
        wait
        """

    /// The same in one process.
    private static let program = """
        import os, socket, sys, threading
        # At once, since several threads do.
        def say(words): os.write(1, (words + "\\n").encode())
        def ask(name):
            try: socket.gethostbyname(name)
            except OSError: return
            say(name)
        def attempt(target):
            address, port = target.split()
            try: socket.create_connection((address, int(port)), 1).close()
            except ConnectionRefusedError: pass
            except OSError: return
            say(target)
        threads = [threading.Thread(target=ask, args=(sys.argv[1],), daemon=True)]
        threads += [threading.Thread(target=attempt, args=(target,)) for target in sys.argv[2:]]
        for thread in threads: thread.start()
        for thread in threads: thread.join(5)
        """
}
