import Bindings
import Recovery

/// ArangoDB's own programs, for those who would rather have these make and restore their dumps.
struct ArangoTools: Sendable {
    let folders: [String]
    /// The value of PATH.
    let path: String
    let commands: any CommandRunner

    private static let passwordVariable = "LIFEBOAT_ARANGODB_PASSWORD"

    /// Throws `Failure(.toolMissing)`.
    func find(_ name: String) throws -> String {
        for folder in folders + path.split(separator: ":").map(String.init) {
            if let found = commands.find("\(folder)/\(name)") { return found }
        }
        throw Failure(
            .toolMissing, "there is no \(name) here",
            hint:
                "install ArangoDB's client tools (arangodb3-client) or name their folder under `tools:`; or leave out `tool:`, since lifeboat needs none"
        )
    }

    /// Runs one of them on a database. Throws when it ends with anything but 0: it has no other way to say that something is missing.
    func run(_ name: String, on server: ArangoServer, database: String, _ arguments: [String], say: @escaping @Sendable (String) -> Void)
        async throws
    {
        let program = try find(name)
        if let option = server.optionThatToolsLack {
            throw Failure(
                .configuration, "\(name) cannot be told `\(option)` of target \(server.words)",
                hint: "leave out `tool:` to have lifeboat do it")
        }
        var environment: [String: String] = [:]
        environment[Self.passwordVariable] = server.password?.reveal { $0 } ?? ""
        // A name between two @ stands for a variable (contract 13): arguments are for everybody to read.
        let standing = [
            "--configuration", "none", "--server.endpoint", Self.endpoint(of: server), "--server.username", Self.literal(server.user),
            "--server.password", "@\(Self.passwordVariable)@", "--server.database", Self.literal(database),
        ]
        say("running \(name)")
        let outcome = try await commands.run(CommandSpec(program, standing + arguments, environment: environment))
        guard outcome.succeeded else {
            let said = server.redact(
                Self.end(of: outcome.errors.isEmpty ? String(decoding: outcome.output, as: UTF8.self) : outcome.errors))
            throw Failure(
                .engine, "\(name) could not do its work on database '\(database)' on \(server.words): it \(outcome.words)",
                hint: "leave out `tool:` to have lifeboat do it", cause: PlainReason(stringLiteral: said))
        }
    }

    /// `http://` is understood from 3.12 on only.
    private static func endpoint(of server: ArangoServer) -> String {
        if let socket = server.socket { return "unix://\(literal(socket))" }
        return literal(
            server.base.replacing("https://", with: "ssl://", maxReplacements: 1).replacing("http://", with: "tcp://", maxReplacements: 1))
    }

    static func literal(_ text: String) -> String { text.replacing("@", with: "@@") }

    private static func end(of text: String) -> String {
        let lines = text.split(separator: "\n").suffix(5)
        return lines.isEmpty ? "it said nothing" : lines.joined(separator: "; ")
    }
}
