import Documents
import Recovery
import Testing

/// Names that fit nothing are told together with what cannot be read, in the order of the lines.
@Suite struct ConfigurationNamesTests {
    private func mistakes(_ text: String) -> [String] {
        do { _ = try ConfigurationDocument.read(Document(text, name: "lifeboat.yaml"), engines: ["memory"]) } catch {
            return error.diagnostics.map { "\($0.line): \($0.problem)" }
        }
        return []
    }

    @Test func everyMistakeIsToldAtOnceInTheOrderOfLines() {
        let text = """
            targets:
              app-db: {engine: memry, url: "memory://x", stage: prod}
              notes: {engine: memory, url: "memory://x"}
            stores:
              main: {directory: /srv}
            alerts:
              ops: {command: []}
            policies:
              nightly:
                targets: {app-bd: {jobs: 900}}
                store: mian
                notify: opps
                expect: {max_age: soon}
              weekly:
                targets: {app-db: {}}
                stoer: main
            """
        #expect(
            mistakes(text) == [
                "2: there is no engine 'memry'", "2: 'prod' is not one of production, staging, development",
                "3: a target cannot be called 'notes'", "7: 'command' has to be a list of at least 1, found a list",
                "10: there is no target 'app-bd'", "10: 'jobs' has to be between 1 and 64, found '900'", "11: there is no store 'mian'",
                "12: there is no alert 'opps'", "13: 'soon' is not a duration", "16: unknown key 'stoer'",
            ])
    }

    /// A declaration that cannot be read is there all the same, and a section that cannot be read may hold anything.
    @Test func whatMayBeThereIsNotCalledMissing() {
        #expect(
            mistakes(
                """
                target:
                  app-db: {engine: memory, url: "memory://x"}
                stores: /srv
                alerts:
                  ops: {comand: [mail]}
                policies:
                  nightly: {targets: {app-db: {}}, store: main, notify: ops}
                """
            ).map { $0.split(separator: ":")[0] } == ["1", "3", "5"])
    }
}
