import Testing

@testable import Environments

@Suite struct APIVersionTests {
    @Test func versionsAreNumbersNotDecimals() throws {
        let nine = try #require(APIVersion("1.9"))
        let ten = try #require(APIVersion("1.10"))
        #expect(nine < ten)
        #expect(APIVersion("2.0").map { $0 > ten } == true)
        #expect("\(ten)" == "1.10")
    }

    @Test(arguments: ["", "1", "1.", ".41", "1.41.2", "1.x", "v1.41", "-1.2", "1.-2", "1,41"]) func anythingElseIsNone(text: String) {
        #expect(APIVersion(text) == nil)
    }
}
