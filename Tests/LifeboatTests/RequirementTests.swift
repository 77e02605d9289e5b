import TestSupport
import Testing

struct RequirementTests {
    @Test func whatIsMissingSkipsATest() async throws {
        let test = try #require(Test.current)
        let skipped = await #expect(throws: (any Error).self) {
            try await Requirement(skippingFails: false) { "no server" }.prepare(for: test)
        }
        #expect(!(skipped is Requirement.Unmet))
        #expect("\(try #require(skipped))".contains("no server"))
    }

    @Test func whatIsMissingFailsATestWhereEverythingIsRequired() async throws {
        let test = try #require(Test.current)
        let failed = await #expect(throws: Requirement.Unmet.self) {
            try await Requirement(skippingFails: true) { "no server" }.prepare(for: test)
        }
        #expect(failed?.description == "this test cannot run here, and LIFEBOAT_REQUIRE_ALL is set: no server")
    }

    @Test(arguments: [false, true])
    func whereNothingIsMissingATestRuns(skippingFails: Bool) async throws {
        try await Requirement(skippingFails: skippingFails) { nil }.prepare(for: #require(Test.current))
    }

}
