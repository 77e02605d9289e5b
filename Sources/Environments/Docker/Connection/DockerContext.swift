import Bindings
import Documents
import Recovery

/// A named engine that the `docker context` command has kept.
struct DockerContext: Sendable {
    let host: DockerHost

    /// - Parameters:
    ///   - origin: where the name comes from, for messages.
    ///   - folder: `~/.docker`.
    init(named name: String, by origin: String, in folder: String) throws {
        let key = SHA256.hexDigest(of: Array(name.utf8))
        let path = "\(folder)/contexts/meta/\(key)/meta.json"
        func refused(_ why: String) -> Failure {
            Failure(
                .configuration, "cannot use the context '\(name)' that \(origin) names: \(why)",
                hint: "`docker context ls` shows those there are; or set DOCKER_HOST")
        }
        guard let bytes = try? Files.read(path, limit: 1 << 20) else { throw refused("there is no \(path)") }
        guard let json = try? JSONValue(parsing: bytes), let endpoint = json["Endpoints"]?["docker"],
            let address = endpoint["Host"]?.string, !address.isEmpty
        else { throw refused("\(path) names no address") }
        guard endpoint["SkipTLSVerify"]?.bool != true else {
            throw refused("it says not to verify the engine's certificate, and lifeboat always does")
        }
        let certificates = DockerSettings.certificates(in: "\(folder)/contexts/tls/\(key)/docker")
        let hasCertificates = certificates != HTTPRequest.TLS()
        host = try DockerHost(address, tls: hasCertificates ? certificates : nil, origin: "context '\(name)'")
    }
}
