package import Bindings
package import Documents

/// A drill: disposable servers, the runbooks that are tried on them, and what was promised.
package struct DrillDocument: DocumentMapping {
    package static let fields = Fields(
        Field.required("drill", as: Name.self, "its name"),
        Field.maybe("title", as: String.self, "one line for reports"),
        Field.required(
            "environment", as: Keyed<Name, ServiceDocument>.self, "the servers and stand-in applications that are started for it"),
        Field.optional("given", as: [YAMLNode].self, default: [], "steps that make the state before the disaster; not timed"),
        Field.required(
            "runs", as: [DrilledRunbook].self, limit: .atLeast(1),
            "the runbooks: side by side, but those that share a server or an application one after the other, in the order written"),
        Field.optional(
            "order", as: RunOrderWord.self, default: .sideBySide,
            "`as-written`: every run begins when the one above it has come to its end, whether or not they share anything"),
        Field.optional(
            "across", as: [YAMLNode].self, default: [],
            "steps that check, after the last run, whether the servers belong together; not part of the recovery time"),
        Field.optional("objectives", as: ObjectivesDocument.self, default: .none, "what was promised"),
        Field.optional("report", as: [ReportWord].self, default: [.html, .json], "formats that are written"),
        Field.maybe("notify", as: DrillNotice.self, "who is told how it went"))

    package let name: Name
    package let title: String?
    package let environment: Keyed<Name, ServiceDocument>
    package let given: [YAMLNode]
    package let runs: [DrilledRunbook]
    package let order: RunOrderWord
    package let across: [YAMLNode]
    package let objectives: ObjectivesDocument
    package let report: [ReportWord]
    package let notify: DrillNotice?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (name, title, environment, given, runs, order, across, objectives, report, notify) = try Self.fields.read(node, reading)
    }
}

package enum RunOrderWord: String, Choice {
    case sideBySide = "side-by-side"
    case asWritten = "as-written"
}

package enum ReportWord: String, Choice { case html, json, text }

/// `db: {engine: postgres, version: from-backup}` or `shop: {app: {command: […], uses: db}}`.
package enum ServiceDocument: Union {
    case server(engine: EngineWord, version: ServerVersion, image: String?)
    case app(StandInApp)

    package static let variants = OneOf<ServiceDocument>(
        .mapping(
            Fields(
                Field.required("engine", as: EngineWord.self, "which server"),
                Field.optional("version", as: ServerVersion.self, default: .fromBackup, "`from-backup`, or a version such as `16`"),
                Field.maybe(
                    "image", as: String.self,
                    "in Docker: the image, instead of the engine's own; with the tag `from-backup` the version of the backup chooses it"))
        ) { .server(engine: $0, version: $1, image: $2) },
        .key("app", as: StandInApp.self, "a stand-in for the real application") { .app($0) })
}

/// The version of a disposable server.
package enum ServerVersion: ScalarValue, Hashable {
    case fromBackup
    case exactly(String)

    package init(scalar text: String) throws(Mistake) {
        if text == "from-backup" {
            self = .fromBackup
        } else if text.wholeMatch(of: /[0-9]+(\.[0-9]+)*/) != nil {
            self = .exactly(text)
        } else {
            throw Mistake("\(text) is not a version", hint: "write from-backup, or numbers such as 16 or 1.18.3")
        }
    }

    package static var form: String { "from-backup or a version" }
    package static var placeholder: ServerVersion { .fromBackup }
    package static var scalarSchema: JSONSchema { .text }
    package static var mayBeQuoted: Bool { true }
    package var canonical: String {
        switch self {
        case .fromBackup: "from-backup"
        case .exactly(let version): version
        }
    }
}

package struct StandInApp: DocumentMapping {
    package static let fields = Fields(
        Field.maybe("command", as: [String].self, limit: .atLeast(1), "program and arguments; a path with `/` is relative to this file"),
        Field.maybe(
            "server", as: Name.self,
            "instead of a program: a server of the environment itself, so that a runbook can stop and start it (of local processes only)"),
        Field.maybe("uses", as: Name.self, "the server whose address it is told in DATABASE_URL"),
        Field.maybe("database", as: String.self, "the database in that address"),
        Field.maybe("healthy", as: HealthPath.self, "how it says that it is well")
    ).exactlyOne(of: "command", "server")

    /// Empty for a server of the environment.
    package let command: [String]
    package let server: Name?
    package let uses: Name?
    package let database: String?
    package let healthy: HealthPath?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (command, server, uses, database, healthy) = try Self.fields.read(node, reading)
        self.command = command ?? []
        (self.server, self.uses, self.database, self.healthy) = (server, uses, database, healthy)
        guard server == nil || (uses == nil && database == nil && healthy == nil) else {
            throw InvalidDocument(
                "`uses:`, `database:` and `healthy:` belong to a program that stands in for an application",
                hint: "a server of the environment is healthy when it answers a login", at: node)
        }
    }
}

package struct HealthPath: DocumentMapping {
    package static let fields = Fields(Field.required("http", as: String.self, "path that answers 200 when it is well: `/health`"))

    package let path: String

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        path = try Self.fields.read(node, reading)
        guard path.hasPrefix("/") else { throw InvalidDocument("'\(path)' is not a path", hint: "begin it with '/'", at: node) }
    }
}

/// One runbook of a drill, with what its roles are bound to.
package struct DrilledRunbook: DocumentMapping {
    package static let fields = Fields(
        Field.required("runbook", as: Located<String>.self, "path of the runbook, relative to this file"),
        Field.optional(
            "targets", as: Keyed<Name, Located<Name>>.self, default: .empty, "servers of the environment, by the runbook's roles"),
        Field.optional("backups", as: Keyed<Name, BackupPick>.self, default: .empty, "which backups are restored, by role"),
        Field.optional("inputs", as: Keyed<Name, InputText>.self, default: .empty, "values of the runbook's inputs"),
        Field.optional("apps", as: Keyed<Name, AppChoice>.self, default: .empty, "stand-ins of the environment, or `{not_drilled: why}`"),
        Field.optional(
            "after", as: OneOrMany<Located<Name>>.self, default: OneOrMany([]),
            "runbooks of runs above that come to their end before this one begins, though it shares nothing with them"),
        Field.maybe(
            "rto", as: Duration.self, limit: .positive,
            "how long this run alone may take, beside what `objectives:` promises of all of them"))

    package let runbook: Located<String>
    package let targets: Keyed<Name, Located<Name>>
    package let backups: Keyed<Name, BackupPick>
    package let inputs: Keyed<Name, InputText>
    package let apps: Keyed<Name, AppChoice>
    package let after: [Located<Name>]
    package let rto: Duration?
    package let span: YAMLSpan

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let after: OneOrMany<Located<Name>>
        (runbook, targets, backups, inputs, apps, after, rto) = try Self.fields.read(node, reading)
        self.after = after.values
        span = node.span
    }
}

/// A scalar as it is written; its input's type is checked when the runbook is known.
package struct InputText: ScalarValue, Hashable {
    package let text: String

    package init(scalar text: String) throws(Mistake) { self.text = text }

    package static var form: String { "a value" }
    package static var placeholder: InputText { InputText(sample: "sample") }
    package static var scalarSchema: JSONSchema { .anyOf([.text, .number, .boolean]) }
    package var canonical: String { text }

    private init(sample: String) { text = sample }
}

package enum AppChoice: Union {
    case standIn(Name)
    case notDrilled(String)

    package static let variants = OneOf<AppChoice>(
        .scalar(as: Name.self) { .standIn($0) },
        .key("not_drilled", as: String.self, limit: .notEmpty, "why this drill leaves the application out") { .notDrilled($0) })
}

/// Which backup is restored.
package struct BackupPick: DocumentMapping {
    package static let fields = Fields(
        Field.required("policy", as: Located<Name>.self, "policy whose backups are looked at"),
        Field.required("target", as: Name.self, "target that was captured"),
        Field.optional("pick", as: PickRule.self, default: .latest, "`latest`, or `{random: {within: 30d}}`"))

    package let policy: Located<Name>
    package let target: Name
    package let rule: PickRule

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (policy, target, rule) = try Self.fields.read(node, reading)
    }
}

package enum PickRule: Union, Equatable {
    case latest
    case random(within: Duration)

    package static let variants = OneOf<PickRule>(
        .scalar(as: PickWord.self) { _ in .latest },
        .key("random", as: RandomWindow.self, "any of the usable ones") { .random(within: $0.within) })
}

package enum PickWord: String, Choice { case latest }

package struct RandomWindow: DocumentMapping {
    package static let fields = Fields(Field.required("within", as: Duration.self, limit: .positive, "how old it may be"))

    package let within: Duration

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { within = try Self.fields.read(node, reading) }
}

package struct ObjectivesDocument: DocumentMapping {
    package static let fields = Fields(
        Field.maybe("rto", as: Located<Duration>.self, "how long the recovery may take"),
        Field.maybe("rpo", as: Located<Duration>.self, "how much of the latest data may be lost"))

    package let rto: Located<Duration>?
    package let rpo: Located<Duration>?

    package static let none = ObjectivesDocument()

    private init() { (rto, rpo) = (nil, nil) }

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (rto, rpo) = try Self.fields.read(node, reading) }
}

package struct DrillNotice: DocumentMapping {
    package enum When: String, Choice { case always, failed }

    package static let fields = Fields(
        shorthand: "to",
        Field.required("to", as: Located<Name>.self, "an alert of the configuration"),
        Field.optional("when", as: When.self, default: .failed, "`failed`: only when the drill did not pass"))

    package let to: Located<Name>
    package let when: When

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (to, when) = try Self.fields.read(node, reading) }
}
