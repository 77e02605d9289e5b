import Bindings
import FoundationEssentials

@testable import Documents

/// A document with a value of every kind, for tests that need one.
struct SampleDocument: DocumentMapping {
    static let fields = Fields(
        Field.required("sample", as: Name.self, literal: true, "what it is called"),
        Field.maybe("title", as: Line.self, "what it is for"),
        Field.maybe("engine", as: EngineName.self, "which engine"),
        Field.maybe("url", as: String.self, "address of the server"),
        Field.maybe("password", as: SecretReference.self, "the role's password"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...64), "how many at once"),
        Field.optional("ratio", as: Double.self, default: 0.5, limit: .range(0...1), "share of them"),
        Field.optional("deep", as: Bool.self, default: false, "whether to read everything"),
        Field.optional("timeout", as: Duration.self, default: .seconds(3600), limit: .positive, "how long it may take"),
        Field.maybe("within", as: CalendarPeriod.self, "how long it is kept"),
        Field.maybe("min_size", as: ByteSize.self, "smallest size that is plausible"),
        Field.maybe("size_change", as: Percent.self, "largest change that is plausible"),
        Field.maybe("reviewed", as: CalendarDate.self, "when somebody last read it"),
        Field.maybe("at", as: Date.self, "when it happened"),
        Field.optional("targets", as: OneOrMany<Name>.self, default: OneOrMany([]), "what it acts on"),
        Field.maybe("inputs", as: Keyed<Name, SampleInput>.self, "what it asks for"),
        Field.maybe("healthy", as: SampleProbe.self, "how to ask whether it works"),
        Field.maybe("bind", as: [YAMLNode].self, "parameters"),
        Field.maybe("rest", as: SampleRest.self, "two that exclude each other"))

    let values:
        (
            Name, Line?, EngineName?, String?, SecretReference?, Int, Double, Bool, Duration, CalendarPeriod?, ByteSize?, Percent?,
            CalendarDate?,
            Date?, OneOrMany<Name>, Keyed<Name, SampleInput>?, SampleProbe?, [YAMLNode]?, SampleRest?
        )

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { values = try Self.fields.read(node, reading) }
}

enum EngineName: String, Choice { case postgres, qdrant, arangodb }

enum InputType: String, Choice { case text, integer, duration }

struct SampleInput: DocumentMapping {
    static let fields = Fields(
        shorthand: "type",
        Field.required("type", as: InputType.self, literal: true, "what it holds"),
        Field.maybe("default", as: String.self, "when nothing is given"))

    let type: InputType
    let fallback: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (type, fallback) = try Self.fields.read(node, reading) }
}

/// `library`, `{http: URL, status: 200}` or `{command: [PROGRAM]}`.
enum SampleProbe: Union, Equatable {
    case named(Name)
    case http(String, status: Int)
    case command([String])

    static let variants = OneOf<SampleProbe>(
        .scalar(as: Name.self) { .named($0) },
        .mapping(
            Fields(
                Field.required("http", as: String.self, "address to fetch"),
                Field.optional("status", as: Int.self, default: 200, limit: .range(100...599), "status it has to answer"))
        ) { .http($0, status: $1) },
        .key("command", as: [String].self, limit: .atLeast(1), "program that has to succeed") { .command($0) })
}

struct SampleRest: DocumentMapping {
    static let fields = Fields(
        Field.maybe("days", as: Int.self, "how many days"),
        Field.maybe("weeks", as: Int.self, "how many weeks"),
        Field.maybe("user", as: Name.self, "who"),
        Field.maybe("group", as: Name.self, "whose")
    ).exactlyOne(of: "days", "weeks").together("user", "group")

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { _ = try Self.fields.read(node, reading) }
}
