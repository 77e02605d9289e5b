import Bindings
import Recovery

extension DockerHost {
    /// The engine that the `docker` command would speak to with this environment, or the first of the usual sockets there is: Docker's,
    /// the rootless ones, Podman's. Nil when nothing is named and no socket is there.
    ///
    /// In Docker's order: `DOCKER_HOST`, `DOCKER_CONTEXT`, the configuration's current context, the usual places. Throws
    /// `Failure(.configuration)` for a name that leads nowhere.
    static func find(_ environment: [String: String]) throws -> DockerHost? {
        let settings = DockerSettings(environment)
        if let named = environment["DOCKER_HOST"], !named.isEmpty {
            return try DockerHost(named, tls: settings.tlsOfEnvironment(), origin: "$DOCKER_HOST")
        }
        if let context = environment["DOCKER_CONTEXT"], !context.isEmpty {
            guard context != "default" else { return usual(environment) }
            return try DockerContext(named: context, by: "$DOCKER_CONTEXT", in: settings.folder).host
        }
        let file = try settings.file()
        if let context = file.currentContext, !context.isEmpty, context != "default" {
            return try DockerContext(named: context, by: file.path, in: settings.folder).host
        }
        return usual(environment)
    }

    /// Reads `unix:///run/docker.sock`, `tcp://10.0.0.5:2376`. With `tls`, a `tcp:` address is spoken to over TLS.
    init(_ text: String, tls: HTTPRequest.TLS?, origin: String) throws {
        // Somebody may have written a password into it.
        let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
        func refused(_ why: String, hint: String) -> Failure {
            Failure(.configuration, "cannot reach a container engine at '\(shown)' (\(origin)): \(why)", hint: hint)
        }
        guard let colon = text.firstRange(of: "://") else {
            throw refused("that is not an address", hint: "write it as unix:///var/run/docker.sock or tcp://HOST:2376")
        }
        let rest = String(text[colon.upperBound...])
        switch text[..<colon.lowerBound] {
        case "unix":
            guard rest.hasPrefix("/") else { throw refused("the path of the socket is not absolute", hint: "write unix:///PATH") }
            self.init(way: .unixSocket(rest), origin: origin)
        case "tcp", "http", "https":
            let authority = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
            guard let host = authority.wholeMatch(of: /(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/) else {
                throw refused("that is not a host and a port", hint: "write tcp://HOST:2376")
            }
            let isSecure = tls != nil || text.hasPrefix("https")
            let port = host.output.1 == nil ? isSecure ? ":2376" : ":2375" : ""
            let url = "\(isSecure ? "https" : "http")://\(authority)\(port)"
            self.init(way: .web(url, tls ?? HTTPRequest.TLS()), origin: origin)
        case "ssh":
            throw refused(
                "lifeboat speaks no SSH",
                hint: "let the engine answer by TLS and set DOCKER_HOST=tcp://HOST:2376, DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH; its "
                    + "servers are reached by ports of that machine, which a forwarded socket does not carry")
        case "npipe": throw refused("named pipes exist on Windows only", hint: "write unix:///var/run/docker.sock or tcp://HOST:2376")
        case let scheme: throw refused("'\(scheme)' is not a way to reach one", hint: "write unix:///PATH or tcp://HOST:PORT")
        }
    }

    static let usualOrigin = "the usual place"

    private static func usual(_ environment: [String: String]) -> DockerHost? { firstThere(usualSockets(environment)) }

    static func usualSockets(_ environment: [String: String]) -> [String] {
        var places = ["/var/run/docker.sock"]
        if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") { places.append("\(folder)/docker.sock") }
        if let home = environment["HOME"], home.hasPrefix("/") { places.append("\(home)/.docker/run/docker.sock") }
        if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") { places.append("\(folder)/podman/podman.sock") }
        places.append("/run/podman/podman.sock")
        return places
    }

    static func firstThere(_ sockets: [String]) -> DockerHost? {
        sockets.first { (try? Files.status(of: $0)) != nil }.map { DockerHost(way: .unixSocket($0), origin: usualOrigin) }
    }
}
