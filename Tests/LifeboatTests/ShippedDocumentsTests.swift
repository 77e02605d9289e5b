import Bindings
import Documents
import FoundationEssentials
import TestSupport
import Testing

/// What lies in `runbooks/` and `drills/`: read by us, and held against the printed schema by somebody else's validator.
@Suite(.timeLimit(.minutes(2))) struct ShippedDocumentsTests {
    private let lifeboat: Program

    init() throws {
        lifeboat = try Program("lifeboat", in: Program.checkout, environment: ["LIFEBOAT_STATE": "/nonexistent", "HOME": "/nonexistent"])
    }

    private static let shipped: [(path: String, kind: String)] = {
        ["runbooks", "drills"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(Program.checkout)/\(folder)")) ?? []
            return names.filter { $0.hasSuffix(".yaml") }.sorted().map { ("\(folder)/\($0)", String(folder.dropLast())) }
        }
    }()

    @Test func thereAreSome() { #expect(Self.shipped.map(\.kind).contains("runbook") && Self.shipped.map(\.kind).contains("drill")) }

    @Test(arguments: shipped.map(\.path)) func haveNoMistakes(path: String) async throws {
        let ended = try await lifeboat("lint", path)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output.hasPrefix("\(path): no mistakes"))
    }

    private static let validator = """
        import json, sys, jsonschema
        given = json.load(sys.stdin)
        jsonschema.Draft202012Validator.check_schema(given["schema"])
        errors = list(jsonschema.Draft202012Validator(given["schema"]).iter_errors(given["document"]))
        print(len(errors))
        for error in errors[:3]: print(error.message[:200])
        """

    private func mistakes(in yaml: String, _ kind: String) async throws -> String {
        let schema = try await lifeboat("schema", kind)
        #expect(schema.code == 0)
        let document = try YAMLNode.parse(yaml).json
        let given = JSONValue.object([.init("schema", try JSONValue(parsing: schema.output)), .init("document", document)])
        let ended = try await Python.run(Self.validator, input: Array(given.text().utf8), needing: "jsonschema")
        #expect(ended.succeeded, "\(ended.errors)")
        return ended.output
    }

    @Test(arguments: shipped.map(\.path)) func fitTheSchemaThatIsPrinted(path: String) async throws {
        let kind = path.hasPrefix("runbooks") ? "runbook" : "drill"
        let text = try String(contentsOfFile: "\(Program.checkout)/\(path)", encoding: .utf8)
        #expect(try await mistakes(in: text, kind) == "0\n")
        let broken = text.replacing("name:", with: "nmae:")
        #expect(try await mistakes(in: broken, kind).hasPrefix("0\n") == false, "a broken document fits")
        let typed = text.replacing("title:", with: "titel:")
        #expect(try await mistakes(in: typed, kind).hasPrefix("0\n") == false, "a misspelt key fits")
    }

    @Test func theConfigurationOfTheREADMEFits() async throws {
        let readme = try String(contentsOfFile: "\(Program.checkout)/README.md", encoding: .utf8)
        let block = try #require(readme.firstMatch(of: /(?s)A configuration for one database:\n\n```yaml\n(.*?)```/))
        #expect(try await mistakes(in: String(block.1), "configuration") == "0\n")
    }
}

/// What the README says of commands and codes is so.
@Suite(.timeLimit(.minutes(1))) struct ReadmeTests {
    private let readme: String

    init() throws { readme = try String(contentsOfFile: "\(Program.checkout)/README.md", encoding: .utf8) }

    @Test func everyCommandItNamesIsThere() async throws {
        let help = try await Program("lifeboat")("help").output
        let named = Set(readme.matches(of: /`lifeboat ([a-z]+)/).map { String($0.output.1) })
        #expect(named.count > 8)
        for name in named { #expect(help.contains("\n  \(name) "), "lifeboat \(name)") }
    }

    @Test func everyMakeTargetItNamesIsThere() throws {
        let makefile = try String(contentsOfFile: "\(Program.checkout)/Makefile", encoding: .utf8)
        let named = Set(readme.matches(of: /make ([a-z]+)/).map { String($0.output.1) })
        #expect(named.isSuperset(of: ["demo", "test", "build"]))
        for name in named { #expect(makefile.contains("\n\(name):"), "make \(name)") }
    }
}
