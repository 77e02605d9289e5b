import Bindings
import TestSupport
import Testing

/// Options of a policy that its engine cannot do are told before the first backup fails for them.
@Suite(.timeLimit(.minutes(2))) struct PolicyOptionsTests {
    private static let configuration = """
        targets:
          vectors: {engine: qdrant, stage: staging, url: "http://localhost:6333"}
          app-db: {engine: postgres, stage: staging, url: "postgres://me@localhost/app"}
        stores: {main: {directory: store}}
        policies:
          nightly:
            store: main
            targets:
              vectors:
                compression: zstd
                jobs: 4
                fingerprint: [public.loans]
              app-db:
                fingerprint: [points]
                collections: {way: points}
        """

    private func program(in folder: String) throws -> TestSupport.Program {
        try TestSupport.Program("lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder])
    }

    private func lint(_ configuration: String) async throws -> (code: Int32, output: String, errors: String) {
        try await withTemporaryFolder { folder in
            try await write(Array(configuration.utf8), to: "\(folder)/lifeboat.yaml")
            let ended = try await program(in: folder).run(["lint"])
            // Without the folder's name, which is another one each time.
            return (ended.code, ended.output.replacing("\(folder)/", with: ""), ended.errors.replacing("\(folder)/", with: ""))
        }
    }

    @Test func allOfThemAreNamedWithTheirPlaces() async throws {
        let linted = try await lint(Self.configuration)
        #expect(linted.code == 78)
        let told = linted.errors.split(separator: "\n").filter { $0.contains("lifeboat.yaml:") || $0.contains("hint:") }
        #expect(
            told == [
                "lifeboat.yaml:10:9: the policy says how the dump of target 'vectors' is packed, and Qdrant makes no dumps",
                "    hint: leave out `compression:`",
                "lifeboat.yaml:11:9: the policy says how many tables of target 'vectors' are dumped at a time, and Qdrant has none",
                "    hint: leave out `jobs:`; its collections are captured one after the other",
                "lifeboat.yaml:12:9: the policy wants fingerprints of 'public.loans' in target 'vectors', and Qdrant has no tables",
                "    hint: write `fingerprint: [points]` for every point",
                "lifeboat.yaml:14:9: the policy wants fingerprints of points in target 'app-db', and PostgreSQL has none",
                "    hint: name tables or columns: `public.loans`, `public.books.title`",
                "lifeboat.yaml:15:9: the policy chooses collections of target 'app-db', and PostgreSQL has none",
                "    hint: leave out `collections:`",
            ], "\(linted.errors)")
    }

    @Test func aMistakeBesideHidesNoneOfThem() async throws {
        let linted = try await lint(Self.configuration.replacing("jobs: 4", with: "jobs: four"))
        #expect(linted.errors.contains("lifeboat.yaml:11:"), "\(linted.errors)")
        #expect(linted.errors.contains("Qdrant makes no dumps"), "\(linted.errors)")
    }

    @Test func whatAnEngineTakesIsNoMistake() async throws {
        let good = Self.configuration.split(separator: "\n").filter { !$0.contains("compression") && !$0.contains("jobs") }
            .joined(separator: "\n").replacing("[public.loans]", with: "[points]").replacing(
                "fingerprint: [points]\n        collections: {way: points}", with: "jobs: 4")
        let linted = try await lint(good)
        #expect(linted.code == 0, "\(linted.errors)")
        #expect(linted.output == "lifeboat.yaml: no mistakes (configuration)\n")
    }

    /// A recovery does not wait until a backup's options are mended.
    @Test func otherCommandsAreNotKeptFromTheirWork() async throws {
        try await withTemporaryFolder { folder in
            try await write(Array(Self.configuration.utf8), to: "\(folder)/lifeboat.yaml")
            try await blocking { _ in try Files.makeFolder("\(folder)/store") }
            let listed = try await program(in: folder).run(["backups", "list"])
            #expect(!listed.errors.contains("makes no dumps"), "\(listed.errors)")
            #expect(listed.code == 0, "\(listed.errors)")
        }
    }
}
