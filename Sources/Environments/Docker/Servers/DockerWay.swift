import Bindings
import Recovery

/// How we get to a drill's containers, which decides how far they can be cut off.
enum DockerWay: Sendable, Equatable {
    /// Through the network namespace of each container (we are root on the engine's own machine). The drill's network has no address
    /// on the machine and leads nowhere.
    case namespace
    /// We are a container of the same engine and join the drill's network, which has no address on the machine and leads nowhere.
    case joined(container: String)
    /// Through ports published on an address of the engine's machine. Packets may not leave it, but its own services can be reached.
    case published(on: String, at: String)

    /// The best that this machine and this engine allow.
    static func best(_ engine: DockerEngine, hostName: String) async throws -> DockerWay {
        if let own = try await ownContainer(engine, hostName: hostName) { return .joined(container: own) }
        guard case .web(let url, _) = engine.host.way else {
            return UserAccount.current.uid == 0 ? .namespace : .published(on: "127.0.0.1", at: "127.0.0.1")
        }
        let authority = url.drop { $0 != ":" }.dropFirst(3)
        let host = authority.hasPrefix("[") ? String(authority.dropFirst().prefix { $0 != "]" }) : String(authority.prefix { $0 != ":" })
        // An engine elsewhere, such as a CI's own beside us: only what it publishes there can be reached.
        return ["localhost", "127.0.0.1", "::1"].contains(host)
            ? .published(on: "127.0.0.1", at: "127.0.0.1") : .published(on: "", at: host)
    }

    /// The id of the container that we are, if this engine runs it.
    private static func ownContainer(_ engine: DockerEngine, hostName: String) async throws -> String? {
        guard isInContainer else { return nil }
        for candidate in ownIDs(hostName: hostName, mounts: system("mountinfo"), groups: system("cgroup")) {
            do {
                let facts = try await engine.inspectContainer(candidate)
                if facts.isRunning, facts.id.hasPrefix(candidate) { return facts.id }
            } catch let refusal as DockerRefusal where refusal.isMissing { continue }
        }
        return nil
    }

    static var isInContainer: Bool {
        (try? Files.status(of: "/.dockerenv")) != nil || (try? Files.status(of: "/run/.containerenv")) != nil
    }

    private static func system(_ name: String) -> String {
        String(decoding: (try? Files.read("/proc/self/\(name)", limit: 1 << 20)) ?? [], as: UTF8.self)
    }

    /// What our own container may be called, the surest first: where the engine keeps the files that it has put into it, our control
    /// group, and the name that engines give to a container that got none.
    static func ownIDs(hostName: String, mounts: String, groups: String) -> [String] {
        var ids: [String] = []
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 4, ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"].contains(words[4]) else { continue }
            if let match = words[3].firstMatch(of: /\/([0-9a-f]{64})\//) { ids.append(String(match.1)) }
        }
        for line in groups.split(separator: "\n") {
            ids += line.matches(of: /[0-9a-f]{64}/).suffix(1).map { String($0.0) }
        }
        if hostName.count >= 12, hostName.allSatisfy(\.isHexDigit) { ids.append(hostName) }
        var seen: Set<String> = []
        return ids.filter { seen.insert($0).inserted }
    }

    /// What else has to be known of servers that are reached so; nil when there is nothing.
    var remark: String? {
        guard case .published(let address, let host) = self, address.isEmpty else { return nil }
        return "their ports are open on all addresses of the engine's machine (\(host)), behind a password of this run"
    }

    /// Whether the drill's network is cut off from the machine itself.
    var isSealed: Bool {
        if case .published = self { false } else { true }
    }
}
