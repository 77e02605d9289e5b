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
        guard hostName.count >= 12, hostName.allSatisfy(\.isHexDigit),
            (try? Files.status(of: "/.dockerenv")) != nil || (try? Files.status(of: "/run/.containerenv")) != nil
        else { return nil }
        do {
            let facts = try await engine.inspectContainer(hostName)
            return facts.isRunning ? facts.id : nil
        } catch let refusal as DockerRefusal where refusal.isMissing { return nil }
    }

    /// Whether the drill's network is cut off from the machine itself.
    var isSealed: Bool {
        if case .published = self { false } else { true }
    }
}
