import Bindings

/// Where a secret is to be found. Documents never hold secrets themselves, and what was written in their place is not shown.
package enum SecretReference: Union, Hashable {
    /// An environment variable.
    case env(String)
    /// A file; its text without the line break at the end.
    case file(String)
    /// A program and its arguments; what it prints.
    case command([String])

    package static let variants = OneOf<SecretReference>(
        .key("env", as: String.self, limit: variableName, literal: true, "name of the environment variable that holds the secret") {
            .env($0)
        },
        .key("file", as: String.self, limit: path, literal: true, "file that holds the secret") { .file($0) },
        .key("command", as: [String].self, limit: .atLeast(1), literal: true, "program and arguments that print the secret") {
            .command($0)
        })

    private static let variableName = Limit<String>("a variable's name", schema: [.init("pattern", "^[A-Za-z_][A-Za-z0-9_]*$")]) {
        $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
    }
    private static let path = Limit<String>("a path on one line", schema: [.init("pattern", #"^[^\n]+$"#)]) {
        !$0.isEmpty && !$0.contains(where: \.isNewline)
    }

    package static var holdsSecret: Bool { true }

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let form = "{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}"
        switch node.content {
        case .scalar(let text, _):
            if let match = text.wholeMatch(of: /\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}/) {
                throw InvalidDocument("secrets are not expanded into documents", hint: "write {env: \(match.output.1)}", at: node)
            }
            if node.isNull { throw InvalidDocument("expected a reference to a secret, found nothing", hint: "write \(form)", at: node) }
            throw Self.concealed(
                "a secret stands here in clear text", hint: "refer to it: \(form); and change the secret, it was in a file", node)
        case .sequence: throw Self.concealed("expected a reference to a secret, found a list", hint: "write \(form)", node)
        case .mapping(let entries):
            // What is not a reference may be the secret itself, key or value: {hunter2}, {value: hunter2}, {env: "hunter2!"}.
            let known = ["env", "file", "command"]
            if let unknown = entries.first(where: { !known.contains($0.name) }) {
                throw Self.concealed("expected a reference to a secret", hint: known.suggestion(for: unknown.name) ?? "write \(form)", node)
            }
            do throws(InvalidDocument) {
                self = try Self.variants.read(node, reading)
            } catch {
                throw InvalidDocument(
                    error.diagnostics.map { diagnostic in
                        let problem =
                            diagnostic.problem.split(separator: ", found").first.map(String.init) ?? "expected a reference to a secret"
                        return Diagnostic(problem, hint: diagnostic.hint, at: diagnostic.span, conceals: entries.map(\.value.span))
                    })
            }
        }
    }

    private static func concealed(_ problem: String, hint: String, _ node: YAMLNode) -> InvalidDocument {
        InvalidDocument([Diagnostic(problem, hint: hint, at: node.span, conceals: [node.span])])
    }

    package var written: JSONValue? {
        switch self {
        case .env(let name): ["env": .string(name)]
        case .file(let path): ["file": .string(path)]
        case .command(let arguments): ["command": .array(arguments.map { .string($0) })]
        }
    }
}
