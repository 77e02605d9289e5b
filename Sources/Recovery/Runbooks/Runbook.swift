package import Bindings
package import Documents

/// Ordered steps that recover something, written for roles and not for addresses: the drill and the real recovery run the same file.
package struct Runbook: Sendable {
    package let name: Name
    package let title: String
    package let version: Int
    package let owner: String?
    package let reviewed: CalendarDate?
    package let contacts: [Name]
    package let targets: Keyed<Name, EngineWord>
    package let apps: [Name]
    package let backups: Keyed<Name, EngineWord>
    package let inputs: Keyed<Name, InputSpec>
    package let steps: [StepDocument]
    package let always: [StepDocument]
    package let source: DocumentSource
    /// What keeps a drill from beginning with it, in its own document; on real targets it is none of that.
    package let obstaclesToDrills: InvalidDocument?

    package static let fields = Fields(
        Field.required("runbook", as: Name.self, literal: true, "its name; backups refer to it"),
        Field.required("title", as: String.self, limit: .notEmpty, literal: true, "one line for plans and reports"),
        Field.optional("version", as: Int.self, default: 1, limit: .atLeast(1), literal: true, "raised when the steps change"),
        Field.maybe("owner", as: String.self, literal: true, "who answers for it"),
        Field.maybe("reviewed", as: CalendarDate.self, literal: true, "when somebody last read it against reality"),
        Field.optional("contacts", as: [Name].self, default: [], literal: true, "contacts of the configuration, shown in plans"),
        Field.optional(
            "targets", as: Keyed<Name, EngineWord>.self, default: .empty, literal: true,
            "roles of the targets it acts on, with their engine"),
        Field.optional("apps", as: [Name].self, default: [], literal: true, "roles of the applications it stops and starts"),
        Field.optional(
            "backups", as: Keyed<Name, EngineWord>.self, default: .empty, literal: true,
            "roles of the backups it restores from, with their engine"),
        Field.optional("inputs", as: Keyed<Name, InputSpec>.self, default: .empty, literal: true, "values that are given to it"),
        Field.required("steps", as: [YAMLNode].self, limit: .atLeast(1), "what is done, in order"),
        Field.optional("always", as: [YAMLNode].self, default: [], "what is done at the end, whatever happened"))

    /// Reads and checks the whole document; throws everything that is wrong with it at once.
    package init(_ document: Document, _ source: DocumentSource, _ registry: StepRegistry) throws(InvalidDocument) {
        self = try document.attributing { () throws(InvalidDocument) in try Runbook(reading: document, source, registry) }
    }

    private init(reading document: Document, _ source: DocumentSource, _ registry: StepRegistry) throws(InvalidDocument) {
        let stepNodes: [YAMLNode]
        let alwaysNodes: [YAMLNode]
        // Steps are unread at this point: their `${…}` are looked at below.
        do {
            (name, title, version, owner, reviewed, contacts, targets, apps, backups, inputs, stepNodes, alwaysNodes) =
                try Self.fields.read(document.root, .plain)
        } catch {
            throw InvalidDocument(error.diagnostics + Self.problems(inStepsOf: document.root, registry))
        }
        self.source = source
        var problems = EngineWord.problems(in: targets, known: registry.engines) + EngineWord.problems(in: backups, known: registry.engines)
        let inputNames = inputs.keys.map(\.text)
        var reader = StepListReader(registry: registry, inputs: inputNames)
        steps = reader.read(stepNodes)
        always = reader.read(alwaysNodes)
        problems +=
            reader.diagnostics + RoleCheck(targets: targets, apps: apps, backups: backups, registry: registry).problems(in: reader.actions)
        // Whether a later step fills something again is known once all of them can be read.
        guard problems.allSatisfy({ $0.severity != .error }) else { throw InvalidDocument(problems) }
        problems += RefillCheck.problems(in: reader.actions.filter { !$0.isAlways })
        guard problems.isEmpty else { throw InvalidDocument(problems) }
        let obstacles = reader.obstaclesToDrills
        obstaclesToDrills = obstacles.isEmpty ? nil : InvalidDocument(obstacles).attributed(to: document.source)
    }
}

extension Runbook {
    /// What is wrong with the steps of a runbook that has other mistakes too: as far as it can be told.
    private static func problems(inStepsOf node: YAMLNode, _ registry: StepRegistry) -> [Diagnostic] {
        let parts = ReadableParts(node, of: fields)
        func whole<Value: DocumentValue>(_ key: String, or nothing: Value) -> Value? {
            parts.value(key) ?? (parts.named(key).isWhole ? nothing : nil)
        }
        let inputs: Keyed<Name, InputSpec>? = whole("inputs", or: .empty)
        var reader = StepListReader(registry: registry, inputs: inputs.map { $0.keys.map(\.text) })
        _ = reader.read(parts.list("steps"))
        _ = reader.read(parts.list("always"))
        let roles = RoleCheck(
            targets: whole("targets", or: .empty), apps: whole("apps", or: []), backups: whole("backups", or: .empty),
            registry: registry)
        return reader.diagnostics + roles.problems(in: reader.actions)
    }
}

/// An engine's name as a document writes it; whether there is such an engine the registry knows.
package struct EngineWord: ScalarValue, Hashable {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard !text.isEmpty else { throw Mistake("an engine's name is expected") }
        self.text = text
    }

    private init(sample: String) { text = sample }

    package static var form: String { "the name of an engine" }
    package static var placeholder: EngineWord { EngineWord(sample: "engine") }
    package static var scalarSchema: JSONSchema { .text }
    package var canonical: String { text }

    static func problems(in roles: Keyed<Name, EngineWord>, known: [String]) -> [Diagnostic] {
        roles.entries.filter { !known.contains($0.value.text) }.map { entry in
            Diagnostic(
                "there is no engine '\(entry.value.text)'",
                hint: known.suggestion(for: entry.value.text) ?? "there are: \(known.joined(separator: ", "))", at: entry.span)
        }
    }
}

/// Where a document came from.
package struct DocumentSource: Sendable, Equatable {
    package let path: String
    package let text: String
    package let sha256: String

    package init(path: String, text: String, sha256: String) {
        self.path = path
        self.text = text
        self.sha256 = sha256
    }

    /// A runbook that was kept with a backup: its path says where it came from, and is no file.
    package static func keptWithBackup(_ manifest: String, runbook name: String, text: String, sha256: String) -> DocumentSource {
        DocumentSource(path: manifest + inManifest + name, text: text, sha256: sha256)
    }

    private static let inManifest = "/\(ManifestFile.name): runbook "

    /// Whether the path can be read again.
    package var isFile: Bool { !path.contains(Self.inManifest) }

    package func kept(as kind: String) -> KeptDocument { KeptDocument(kind: kind, path: path, sha256: sha256, text: text) }

    /// The folder that relative paths in the document start from.
    package var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A path written in the document, seen from where we are.
    package func resolve(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : folder == "/" ? "/\(relative)" : "\(folder)/\(relative)"
    }
}
