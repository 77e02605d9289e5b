import Bindings
import TestSupport
import Testing

/// Collections that a policy marks private are captured when somebody says so.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct QdrantPrivateTests {
    @Test func allLiftsTheExclusionOfPrivateCollections() async throws {
        try await QdrantSite.with { site in
            try await site.production.fillBooks("patients", points: 5)
            let policy = "fingerprint: [points], collections: {private: [\"pat*\"]}"
            try await site.put("lifeboat.yaml", site.configuration.replacing("fingerprint: [points]", with: policy))

            let without = try await site.lifeboat("backup", "nightly")
            #expect(without.code == 0, "\(without.errors)")
            #expect(without.output.contains("1 collection,"), "\(without.output)")

            let with = try await site.lifeboat("backup", "nightly", "--all")
            #expect(with.code == 0, "\(with.errors)")
            #expect(with.output.contains("2 collections"), "\(with.output)")
        }
    }
}
