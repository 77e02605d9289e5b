import Documents
import Recovery

/// A program `docker-credential-NAME` that keeps logins where `config.json` should not: a keyring, a cloud's account.
struct CredentialHelper: Sendable {
    let name: String
    let commands: any CommandRunner
    let environment: [String: String]
    let time: any TimeSource

    /// One that asks a person, or a cloud that does not answer, would keep a drill waiting for ever.
    private static let patience = Duration.seconds(30)

    private var program: String { "docker-credential-\(name)" }

    /// Nil when it knows of none for this registry. Throws `Failure(.credentials)`, which never repeats what it answered on success.
    func login(at address: String) async throws -> RegistryLogin? {
        func failed(_ why: String, hint: String, _ cause: (any Error & Sendable)? = nil) -> Failure {
            Failure(.credentials, "cannot get the login for \(address) from \(program): \(why)", hint: hint, cause: cause)
        }
        guard name.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil else {
            throw Failure(
                .credentials, "cannot get the login for \(address): config.json names the helper \(name.quoted), which is no name of one",
                hint: "correct `credsStore` or `credHelpers`; a helper is the NAME of docker-credential-NAME")
        }
        guard commands.find(program) != nil else {
            throw failed(
                "there is no such program in PATH",
                hint: "install it, have PATH lead to it (cron's is short), or take it out of `credsStore` and `credHelpers` in config.json")
        }
        let outcome: CommandOutcome
        do {
            outcome = try await withTimeout(Self.patience, time, program) {
                try await commands.run(CommandSpec(program, ["get"], environment: environment, standardInput: Array(address.utf8)))
            }
        } catch let failure as Failure where failure.kind == .timedOut {
            throw failed(
                "it did not answer within \(Self.patience.canonical)",
                hint: "try it by hand, as the same account and without a terminal: echo \(address) | \(program) get")
        }
        let answer = try? JSONValue(parsing: outcome.output)
        guard outcome.succeeded else {
            let words = Self.words(of: outcome)
            if words.contains("credentials not found") { return nil }
            throw failed(
                "it \(outcome.words)", hint: "try it by hand, as the same account: echo \(address) | \(program) get",
                words.isEmpty ? nil : Failure(.credentials, "it said: \(words)"))
        }
        guard let answer, let user = answer["Username"]?.string, let secret = answer["Secret"]?.string else {
            throw failed("its answer is not the JSON that helpers give", hint: "update it; it should answer with Username and Secret")
        }
        guard !user.isEmpty || !secret.isEmpty else { return nil }
        // The word for: what follows is a token, not a password.
        return user == "<token>" ? .token(Secret(secret)) : .account(user: user, password: Secret(secret))
    }

    /// Helpers complain on standard output. What looks like an answer, even one that was cut off, is not repeated.
    private static func words(of outcome: CommandOutcome) -> String {
        let output = outcome.output.contains(UInt8(ascii: "{")) ? "" : String(decoding: outcome.output.prefix(300), as: UTF8.self)
        return [output, String(outcome.errors.suffix(300))].map { $0.split(separator: "\n").joined(separator: " ") }
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}
