import Bindings
import Testing

@testable import Documents

@Suite struct DiagnosticTests {
    @Test func mistakesOfSeveralFilesAreShownTogether() {
        func invalid(_ text: String, _ name: String) -> InvalidDocument? {
            #expect(throws: InvalidDocument.self) { try Document(text, name: name).read(as: Duration.self) }
        }
        let errors = [invalid("2x", "b.yaml"), invalid("true", "a.yaml")].compactMap(\.self)
        #expect(
            InvalidDocument(combining: errors).rendered() == """
                a.yaml:1:1: 'true' is not a duration
                    true
                    ^~~~
                    hint: d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d
                b.yaml:1:1: '2x' is not a duration
                    2x
                    ^~
                    hint: d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d
                """)
    }

    @Test func aWarningSaysSo() {
        let diagnostic = Diagnostic("nobody reviewed this for a year", severity: .warning, file: "x.yaml", at: YAMLSpan(line: 3, column: 1))
        #expect(InvalidDocument([diagnostic]).rendered() == "x.yaml:3:1: warning: nobody reviewed this for a year")
    }

    @Test(arguments: [
        ("api_key: hunter2 # note: x", "•••"), ("{name: a, token: hunter2, b: c}", "{name: a, token: •••, b: c}"),
        ("DB_PASSWORD: 'hun ter2'", "DB_PASSWORD: •••"),
        ("url: postgres://a:hunter2@db/x", "url: postgres://a:•••@db/x"), ("url: http://a:hunt@er2@db", "url: http://a:•••@db"),
        ("password: {file: /run/x}", "password: {file: /run/x}"), ("password: ${env.X}", "password: ${env.X}"),
        ("url: http://db:80/a@b", "url: http://db:80/a@b"),
        ("secret: \"hunter2", "secret: •••"),
    ])
    func whatLooksLikeASecretIsHiddenOnEveryLine(line: String, shown: String) {
        let source = SourceText(name: "x", text: line)
        let excerpt = source.excerpt(at: YAMLSpan(line: 1, column: 1), concealing: [])
        #expect(excerpt?.split(separator: "\n").first.map { $0.dropFirst(4) } == Substring(shown.hasPrefix("•") ? "api_key: •••" : shown))
    }

    @Test(
        arguments: [
            ("engin", "engine"), ("enigne", "engine"), ("engines", "engine"), ("ENGINE", "engine"), ("wal", nil), ("e", nil),
            ("tiemout", "timeout"), ("timeuot", "timeout"),
            ("", nil), (String(repeating: "engine", count: 100), nil),
        ] as [(String, String?)])
    func onlyNearMissesAreSuggested(typed: String, suggested: String?) { #expect(["timeout", "engine"].closest(to: typed) == suggested) }

    @Test func swappingTwoNeighboursIsOneMistake() { #expect(Array("abcd").editDistance(to: Array("abdc")) == 1) }

    @Test func theReferenceComesFromTheDeclaration() {
        #expect(
            DropDatabase.fields.reference() == """
                | key | value | default | meaning |
                |---|---|---|---|
                | `database` | text, some text, not empty | required | name of the database to drop |
                | `timeout` | a duration, longer than zero | `1min` | how long it may take |
                | `refill` | a name |  | role of the backup that fills it again |

                """)
        #expect(
            SampleDocument.fields.reference().contains(
                "| `inputs.NAME.type` | one of text, integer, duration | required | what it holds |\n"))
    }

    @Test func aMappingHoldsOneChoiceBesideItsFields() throws {
        let fields = Fields(
            Field.maybe("name", as: Line.self, "what it does"), Field.maybe("timeout", as: Duration.self, "how long it may take"))
        func choose(_ text: String) throws(InvalidDocument) -> YAMLNode.Entry {
            let document = try Document(text, name: "x.yaml")
            return try document.attributing { () throws(InvalidDocument) in
                try fields.read(document.root, .plain, choosing: "the action", from: ["app.stop", "app.start"]).chosen
            }
        }
        #expect(try choose("{name: x, app.stop: library}").value.json == "library")
        func words(_ text: String) -> String? {
            do throws(InvalidDocument) {
                _ = try choose(text)
                return nil
            } catch { return error.diagnostics.map { $0.problem + ($0.hint.map { " (\($0))" } ?? "") }.joined(separator: "; ") }
        }
        #expect(words("{name: x}") == "the action is missing (write one of app.stop, app.start)")
        #expect(words("{app.stop: a, app.start: b}") == "'app.stop', 'app.start' exclude each other; the action is one of them")
        #expect(words("{app.stpo: a}") == "unknown key 'app.stpo' (did you mean 'app.stop'?)")
        #expect(words("{nmae: a, app.stop: b}") == "unknown key 'nmae' (did you mean 'name'?)")
    }
}
