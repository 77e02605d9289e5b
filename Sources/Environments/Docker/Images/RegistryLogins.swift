import Bindings
import Documents
import FoundationEssentials
import Recovery

/// How to log in to registries: as the `docker` command does, out of its `config.json`.
struct RegistryLogins: Sendable {
    private let file: DockerConfigFile
    private let commands: any CommandRunner
    private let environment: [String: String]
    private let time: any TimeSource

    /// - Parameter environment: ours. Helpers get all of it, as from `docker`: what they open (a keyring, a cloud's account) is found
    ///   through it.
    init(_ file: DockerConfigFile, commands: any CommandRunner, environment: [String: String], time: any TimeSource) {
        self.file = file
        self.commands = commands
        self.environment = environment
        self.time = time
    }

    /// The login as engines take it; nil where nothing is known of the registry. Throws `Failure(.credentials)`.
    func header(for registry: String) async throws -> HTTPHeader? {
        guard let login = try await login(for: registry) else { return nil }
        return HTTPHeader("X-Registry-Auth", login.reveal { $0 })
    }

    private func login(for registry: String) async throws -> Secret? {
        let addresses = Self.addresses(of: registry)
        let helper = addresses.lazy.compactMap { file.helpers[$0] }.first ?? file.helperOfAll
        if let helper, !helper.isEmpty {
            let found = try await CredentialHelper(name: helper, commands: commands, environment: environment, time: time).login(
                at: addresses[0])
            return found.map { encoded($0, at: addresses[0]) }
        }
        guard let (address, kept) = kept(for: addresses) else { return nil }
        if let token = kept.identityToken, !token.isEmpty { return encoded(.token(Secret(token)), at: address) }
        guard let basic = kept.basic, !basic.isEmpty else { return nil }
        return encoded(try account(in: basic, of: registry), at: address)
    }

    /// The names under which a registry may stand in the file; the first is what helpers are asked with.
    private static func addresses(of registry: String) -> [String] {
        registry == ImageName.dockerHub ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io"] : [registry]
    }

    /// As written first; then without what old versions wrote around it: `https://registry.local/v1/`.
    private func kept(for addresses: [String]) -> (String, DockerConfigFile.Login)? {
        for address in addresses {
            if let login = file.logins[address] { return (address, login) }
        }
        for (address, login) in file.logins.sorted(by: { $0.key < $1.key }) where addresses.contains(Self.host(of: address)) {
            return (address, login)
        }
        return nil
    }

    private static func host(of address: String) -> String {
        var rest = address[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        return String(rest.prefix { $0 != "/" })
    }

    private func account(in basic: String, of registry: String) throws -> RegistryLogin {
        guard let bytes = Data(base64Encoded: basic), let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":"), colon != text.startIndex
        else {
            throw Failure(
                .credentials, "cannot log in to \(registry): what \(file.path) has for it under `auth` is no user and password",
                hint: "`docker login \(registry)` writes it anew")
        }
        // Some versions have left a NUL at the end.
        let password = text[text.index(after: colon)...].trimmingSuffix { $0 == "\0" }
        return .account(user: String(text[..<colon]), password: Secret(String(password)))
    }

    /// JSON in the URL's kind of base 64, with its padding.
    private func encoded(_ login: RegistryLogin, at address: String) -> Secret {
        let json: JSONValue =
            switch login {
            case .account(let user, let password):
                ["username": .string(user), "password": .string(password.reveal { $0 }), "serveraddress": .string(address)]
            case .token(let token): ["identitytoken": .string(token.reveal { $0 }), "serveraddress": .string(address)]
            }
        let text = Data(json.text().utf8).base64EncodedString()
        return Secret(text.replacing("+", with: "-").replacing("/", with: "_"))
    }
}

/// What a registry wants to know.
enum RegistryLogin: Sendable {
    case account(user: String, password: Secret)
    case token(Secret)
}

extension Substring {
    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isUnwanted(last) { text.removeLast() }
        return text
    }
}
