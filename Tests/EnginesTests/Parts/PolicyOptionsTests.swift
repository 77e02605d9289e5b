import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What a policy wants of a target that its engine cannot do is told by the configuration, and no capture begins with it.
@Suite struct PolicyOptionsTests {
    private static let engines = AllEngines.list(
        EngineParts(commands: TestCommands(), time: RealTime(), toolFolders: [], path: "", sessionName: "tests"))

    private func mistakes(_ policies: String) -> [String] {
        let text = """
            targets:
              app-db: {engine: postgres, stage: staging, url: "postgres://host/app"}
              vectors: {engine: qdrant, stage: staging, url: "http://host"}
            stores:
              main: {directory: /srv}
            policies:
            \(policies)
            """
        do { _ = try ConfigurationDocument.read(Document(text, name: "lifeboat.yaml"), engines: KnownEngines(Self.engines)) } catch {
            return error.diagnostics.map { "\($0.line): \($0.problem)" }
        }
        return []
    }

    @Test func theConfigurationTellsThemAllWithTheirLines() {
        let told = mistakes(
            """
              nightly:
                store: main
                targets:
                  app-db: {collections: {include: [books]}, fingerprint: [points]}
                  vectors: {jobs: 2, compression: gzip, fingerprint: [public.books]}
            """)
        #expect(
            told == [
                "10: the policy chooses collections, and PostgreSQL has none",
                "10: the policy wants fingerprints of points, and PostgreSQL has none",
                "11: the policy wants fingerprints of 'public.books', and Qdrant has no tables",
                "11: the policy says how a dump is packed, and Qdrant makes no dumps",
                "11: the policy says how much is read at a time, and Qdrant's collections are captured one after the other",
            ])
    }

    @Test func whatTheyCanDoIsNoMistake() {
        let told = mistakes(
            """
              nightly:
                store: main
                targets:
                  app-db: {jobs: 2, compression: gzip, fingerprint: [public.books]}
                  vectors: {collections: {include: [books], way: points}, fingerprint: [points]}
            """)
        #expect(told == [])
    }

    @Test(arguments: engines.map(\.name.text)) func noCaptureBeginsWithThem(_ name: String) throws {
        let engine = try #require(Self.engines.first { $0.name.text == name })
        let odd = CaptureOptions(
            jobs: 1, compression: DumpCompression(.none),
            fingerprint: [try ContentPattern(scalar: "points"), try ContentPattern(scalar: "a.b")],
            collections: CollectionOptions(include: ["books"]))
        let failure = #expect(throws: Failure.self) { try engine.mustTake(odd, target: "it") }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem.hasPrefix("target 'it' cannot be captured as its policy says") == true)
        #expect(throws: Never.self) { try engine.mustTake(.standard, target: "it") }
    }
}
