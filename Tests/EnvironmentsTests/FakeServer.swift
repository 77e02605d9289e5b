import Bindings
import Recovery
import Synchronization
import TestSupport

/// A server that answers whoever knows its password. It stands for any engine: what is held against it are environments.
struct FakeServer: ServerRecipe {
    enum Behaviour: Sendable {
        case good
        case endsWith(line: String)
        case neverReady
        /// Wants more memory than anybody has; in containers only.
        case hungry
        case cannotBePrepared(saying: String)
        case meets(PortThief)
    }

    let engine = EngineName("fake")
    let behaviour: Behaviour

    init(_ behaviour: Behaviour = .good) { self.behaviour = behaviour }

    static let python = "/usr/bin/python3"

    /// For `.requires`.
    static var missing: String? { findExecutable(python, path: "") == nil ? "there is no \(python)" : nil }

    private static let script = """
        import http.server, os, signal, sys
        port, password = int(sys.argv[1]), open(sys.argv[2]).read()
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == '/die': os.kill(os.getpid(), signal.SIGKILL)
                self.send_response(200 if self.path == '/' + password else 401)
                self.end_headers()
                self.wfile.write(f'{os.getuid()}'.encode())
            def log_message(self, *words): pass
        print('listening with ' + password, flush=True)
        http.server.HTTPServer(('127.0.0.1', port), Handler).serve_forever()
        """

    func processPlan(in place: ProcessPlace) throws -> ProcessPlan {
        var preparation = [CommandSpec("/bin/sh", ["-c", "mkdir data && test ! -e ../data"], folder: place.folder)]
        var server = CommandSpec(Self.python, ["\(place.folder)/server.py", "\(place.port)", "\(place.folder)/password"])
        switch behaviour {
        case .good: break
        case .meets(let thief): try thief.take(place.port)
        case .endsWith(let line): server = CommandSpec("/bin/sh", ["-c", "echo first; echo \"$1\" >&2; exit 3", "sh", line])
        case .hungry: throw Failure(.bug, "nobody limits the memory of a process")
        case .neverReady: server = CommandSpec("/bin/sh", ["-c", "echo still waiting; exec sleep 1000"])
        case .cannotBePrepared(let words): preparation = [CommandSpec("/bin/sh", ["-c", "echo \"$1\" >&2; exit 4", "sh", words])]
        }
        return ProcessPlan(
            files: [("\(place.folder)/server.py", Secret(Self.script)), ("\(place.folder)/password", place.password)],
            preparation: preparation, server: server, stopSignal: 15, grace: .seconds(5),
            address: ServerAddress(host: "127.0.0.1", port: place.port, user: nil, password: place.password))
    }

    /// The same program in a container: it begins as root and needs no capability.
    func containerPlan(in place: ContainerPlace) throws -> ContainerPlan {
        var command: [String]
        switch behaviour {
        case .good, .meets, .cannotBePrepared: command = ["python3", "-c", Self.containedScript]
        // Both lines in one stream: an engine does not keep the order between two.
        case .endsWith(let line): command = ["/bin/sh", "-c", "echo first >&2; echo \"$1\" >&2; exit 3", "sh", line]
        case .hungry: command = ["python3", "-c", "food = []\nwhile True: food.append(bytearray(1 << 20))"]
        case .neverReady: command = ["/bin/sh", "-c", "echo still waiting; exec sleep 1000"]
        }
        return ContainerPlan(
            image: TestDocker.python, command: command, environment: ["PASSWORD": place.password], passwordVariable: "PASSWORD", port: 8099,
            capabilities: [], sharedMemory: 64 << 20, login: ServerAddress(host: "", port: 0, user: nil, password: place.password))
    }

    private static let containedScript =
        script
        .replacing("port, password = int(sys.argv[1]), open(sys.argv[2]).read()", with: "port, password = 8099, os.environ['PASSWORD']")
        .replacing("'127.0.0.1'", with: "''")

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        let deadline = time.uptime + limit
        while time.uptime < deadline {
            if let uid = try? await Self.ask(address) { return ServerIdentity(version: "1", system: uid, standIn: false) }
            try await time.sleep(for: .milliseconds(10))
        }
        throw Failure(.timedOut, "no login worked within \(limit.inSeconds) seconds")
    }

    /// The number of the account it runs as. Throws when it does not answer.
    static func ask(_ address: ServerAddress) async throws -> String {
        let url = "http://\(address.text)/" + (address.password?.reveal { $0 } ?? "")
        let answer = try await HTTPClient().send(HTTPRequest("GET", url))
        guard answer.isSuccess else { throw Failure(.credentials, "the server says \(answer.status)") }
        return answer.text
    }
}

/// Takes the first port it hears of, as an unlucky neighbour would.
final class PortThief: Sendable {
    private let loot = Mutex<HTTPServer?>(nil)

    var port: Int? { loot.withLock { $0?.port } }

    func take(_ port: Int) throws {
        try loot.withLock { loot in
            if loot == nil { loot = try HTTPServer(port: port) { _ in HTTPServerResponse(404) } }
        }
    }
}
