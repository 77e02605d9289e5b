import Bindings
import Documents
import Recovery

/// What the `docker` command has been told on this machine: `~/.docker`, and variables beside it.
struct DockerSettings: Sendable {
    /// `$DOCKER_CONFIG`, or `~/.docker`.
    let folder: String
    private let environment: [String: String]

    init(_ environment: [String: String]) {
        self.environment = environment
        let named = environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        folder = named ?? "\(environment["HOME"] ?? "")/.docker"
    }

    /// As for the `docker` command: any value of `DOCKER_TLS_VERIFY` but the empty one means TLS. Engines are always verified.
    func tlsOfEnvironment() -> HTTPRequest.TLS? {
        guard environment["DOCKER_TLS_VERIFY"].map({ !$0.isEmpty }) ?? false else { return nil }
        return Self.certificates(in: environment["DOCKER_CERT_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? folder)
    }

    /// `config.json`; an empty one when there is none. `Failure(.configuration)` for one that cannot be read.
    func file() throws -> DockerConfigFile { try DockerConfigFile.read("\(folder)/config.json") }

    /// Those of `ca.pem`, `cert.pem` and `key.pem` that are there.
    static func certificates(in folder: String) -> HTTPRequest.TLS {
        func there(_ name: String) -> String? {
            (try? Files.status(of: "\(folder)/\(name)")) != nil ? "\(folder)/\(name)" : nil
        }
        return HTTPRequest.TLS(caFile: there("ca.pem"), certificate: there("cert.pem"), key: there("key.pem"))
    }
}
