import Documents
import Recovery
import Testing

@testable import Engines

struct PointIDTests {
    @Test(arguments: ["0", "42", "9223372036854775808", "18446744073709551615"])
    func aNumberStaysAsItWasWritten(_ json: String) throws {
        #expect(try PointID(json: json.utf8).json == json)
    }

    @Test(arguments: [
        "550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", "550E8400E29B41D4A716446655440000",
        "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
    ])
    func everyFormOfAUUIDIsTheSameID(_ text: String) throws {
        let id = try PointID(json: "\"\(text)\"".utf8)
        #expect(id == .uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000))
        #expect(id.json == #""550e8400-e29b-41d4-a716-446655440000""#)
    }

    @Test func leadingZerosOfAUUIDAreKept() throws {
        #expect("\(try #require(PointID(uuid: "00000000-0000-0000-0000-00000000000f")))" == "00000000-0000-0000-0000-00000000000f")
    }

    @Test(arguments: [
        "18446744073709551616", "-1", "-0", "1.0", "1e3", "01", #""123""#, #""""#, #""550e8400e29b-41d4-a716-446655440000""#,
        #""550e8400-e29b-41d4-a716-44665544000g""#, #""550e8400-e29b-41d4-a716-4466554400000""#, "null", "true", "[1]", "1 2", "",
        #""550e8400-e29b-41d4-a716-44665544000é""#, #""{550e8400e29b41d4a716446655440000}""#,
    ])
    func whatTheServerWouldRefuseIsRefused(_ json: String) {
        #expect(throws: JSONSyntaxError.self) { try PointID(json: json.utf8) }
    }

    @Test func theOrderIsThatOfAScroll() throws {
        let ids = try [
            "0", "9", "10", "18446744073709551615", #""00000000-0000-0000-0000-000000000001""#, #""80000000-0000-0000-0000-000000000000""#,
        ]
        .map { try PointID(json: $0.utf8) }
        #expect(ids.reversed().sorted() == ids)
    }

    @Test func anInventoryKeepsThemExactly() throws {
        let ids: [PointID] = [.number(.max), .number(0), .uuid(.max), .uuid(1)]
        let line = try CanonicalJSON.encode(ids)
        #expect(try CanonicalJSON.decode([PointID].self, from: line) == ids)
        #expect(String(decoding: line, as: UTF8.self).hasPrefix("[18446744073709551615,0,\"ffffffff-ffff-"))
    }
}
