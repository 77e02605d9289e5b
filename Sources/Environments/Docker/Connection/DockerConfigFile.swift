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

    static func read(_ path: String) throws -> DockerConfigFile {
        var file = DockerConfigFile(path: path)
        guard let bytes = try contents(of: path) else { return file }
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes) } catch {
            throw Failure(
                .configuration, "cannot understand \(path): \(error.problem) at byte \(error.offset)",
                hint: "the `docker` command writes this file; correct it, or name another folder with DOCKER_CONFIG")
        }
        file.currentContext = json["currentContext"]?.string
        file.helperOfAll = json["credsStore"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        for member in json["credHelpers"]?.members ?? [] { file.helpers[member.key] = member.value.string }
        for member in json["auths"]?.members ?? [] {
            let login = Login(basic: member.value["auth"]?.string, identityToken: member.value["identitytoken"]?.string)
            if login != Login() { file.logins[member.key] = login }
        }
        return file
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
