import Bindings
import Documents
import Recovery

/// Looks up what secret references stand for, at the moment they are needed.
struct Secrets: Sendable {
    let environment: [String: String]
    let commands: any CommandRunner

    /// Throws `Failure(.configuration)` that names the reference and never the value.
    func resolve(_ reference: SecretReference, of what: String) async throws -> Secret {
        switch reference {
        case .env(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw Failure(
                    .configuration, "\(what) is to come from the environment variable \(name), which is not set",
                    hint: "set it for this command")
            }
            return Secret(value)
        case .file(let path):
            do {
                if let status = try Files.status(of: path), status.mode & 0o004 != 0 {
                    throw Failure(
                        .configuration, "\(what) lies in \(path), which every user of this machine can read", hint: "chmod 600 \(path)")
                }
                return Secret(Self.trimmed(try Files.read(path, limit: 64 << 10)))
            } catch let error as FileError {
                throw Failure(
                    .configuration, "\(what) is to come from \(path), which cannot be read: \(error.words)",
                    hint: "put the file there (chmod 600), or correct the path in the configuration")
            }
        case .command(let words):
            let outcome = try await commands.run(CommandSpec(words[0], Array(words.dropFirst())))
            guard outcome.succeeded else {
                throw Failure(
                    .configuration, "\(what) is to come from the command \(words[0]), which \(outcome.words)",
                    hint: outcome.errors.isEmpty ? "it said nothing: run it by hand to see why" : "it said: \(outcome.errors.suffix(300))")
            }
            return Secret(Self.trimmed(outcome.output))
        }
    }

    /// Without the line break that editors and `echo` put at the end.
    private static func trimmed(_ bytes: [UInt8]) -> String {
        var text = Substring(decoding: bytes, as: UTF8.self)
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
