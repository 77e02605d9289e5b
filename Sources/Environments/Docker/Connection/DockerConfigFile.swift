import Bindings
import Documents
import Recovery

/// `config.json` of the `docker` command: which context is current, and how to log in to registries.
struct DockerConfigFile: Sendable, Equatable {
    let path: String
    var currentContext: String?
    /// Logins kept in the file itself, by registry: what stands under `auth`, `identitytoken`.
    var logins: [String: Login] = [:]
    /// Helper programs (`docker-credential-NAME`) for single registries, and the one for all others.
    var helpers: [String: String] = [:]
    var helperOfAll: String?

    struct Login: Sendable, Equatable {
        /// `user:password` in base 64.
        var basic: String?
        var identityToken: String?
    }

    /// An empty file says nothing, as to the `docker` command. Throws `Failure(.configuration)` for one with mistakes.
    static func read(_ path: String) throws -> DockerConfigFile {
        var file = DockerConfigFile(path: path)
        guard let bytes = try contents(of: path), bytes.contains(where: { $0 > 32 }) else { return file }
        do { try file.take(try JSONValue(parsing: bytes)) } catch let error as JSONSyntaxError {
            throw file.mistaken("\(error.problem) at byte \(error.offset)")
        }
        return file
    }

    private mutating func take(_ json: JSONValue) throws {
        guard json.members != nil else { throw mistaken("it is no JSON object") }
        currentContext = try text(json["currentContext"], "'currentContext'")
        helperOfAll = try text(json["credsStore"], "'credsStore'")
        for (registry, helper) in try members(json["credHelpers"], "'credHelpers'") {
            helpers[registry] = try text(helper, "'\(registry)' in 'credHelpers'")
        }
        for (registry, kept) in try members(json["auths"], "'auths'") {
            guard kept.members != nil else { throw mistaken("'\(registry)' in 'auths' is no JSON object") }
            let login = Login(
                basic: try text(kept["auth"], "'auth' of '\(registry)'"),
                identityToken: try text(kept["identitytoken"], "'identitytoken' of '\(registry)'"))
            if login != Login() { logins[registry] = login }
        }
    }

    /// Nil for what is not there, and for what is empty.
    private func text(_ value: JSONValue?, _ what: String) throws -> String? {
        guard let value, value != .null else { return nil }
        guard let text = value.string else { throw mistaken("\(what) is no text") }
        return text.isEmpty ? nil : text
    }

    private func members(_ value: JSONValue?, _ what: String) throws -> [(String, JSONValue)] {
        guard let value, value != .null else { return [] }
        guard let members = value.members else { throw mistaken("\(what) is no JSON object") }
        return members.map { ($0.key, $0.value) }
    }

    private func mistaken(_ why: String) -> Failure {
        Failure(
            .configuration, "cannot understand \(path): \(why)",
            hint: "the `docker` command writes this file; correct it, or name another folder with DOCKER_CONFIG")
    }

    private static func contents(of path: String) throws -> [UInt8]? {
        do {
            guard try Files.status(of: path) != nil else { return nil }
            return try Files.read(path, limit: 4 << 20)
        } catch {
            throw Failure(
                .configuration, "cannot read \(path)", hint: "let us read it, or name another folder with DOCKER_CONFIG",
                cause: Failure(.localStorage, error.description))
        }
    }
}
