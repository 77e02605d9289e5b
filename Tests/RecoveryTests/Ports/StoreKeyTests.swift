import Recovery
import Testing

@Suite struct StoreKeyTests {
    @Test(arguments: ["a", "nightly/20261120T020000Z-4f1c9a/app-db/manifest.json", "a/..b", "...", "übung/ß", "a b", ".hidden"])
    func aRelativePathOfCleanComponentsIsAKey(_ key: String) throws {
        #expect(try StoreKey.components(of: key).joined(separator: "/") == key)
    }

    static let hostile: [(key: String, problem: String)] = [
        ("", "it is empty"),
        ("/etc/passwd", "it begins with a slash"),
        ("a//b", "it has an empty component"),
        ("a/", "it has an empty component"),
        ("..", "it has the component '..'"),
        ("a/../../etc/passwd", "it has the component '..'"),
        ("./a", "it has the component '.'"),
        ("a\u{0}b", "it has a control character"),
        ("a/\u{1B}[31mb", "it has a control character"),
        ("a\u{9B}b", "it has a control character"),
        (String(repeating: "n", count: 256), "it has a component longer than 255 bytes"),
        (String(repeating: "n/", count: 600) + "n", "it is longer than 1024 bytes"),
        (".lifeboat-work/x", "names that begin with .lifeboat- belong to the store itself"),
    ]

    @Test(arguments: hostile)
    func aHostileKeyIsRefusedWithTheReason(_ key: String, _ problem: String) {
        let failure = #expect(throws: Failure.self) { try StoreKey.components(of: key) }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem == "'\(key)' cannot be the key of a stored object: \(problem)")
    }

    @Test func aSlashUnderAnAccentIsASlash() throws {
        #expect(try StoreKey.components(of: "a/\u{301}b").count == 2)
        #expect(throws: Failure.self) { try StoreKey.components(of: "a/../\u{301}b") }
    }

    @Test func onlyAPrefixMayBeEmpty() throws {
        #expect(try StoreKey.components(ofPrefix: "") == [])
        #expect(try StoreKey.components(ofPrefix: "nightly") == ["nightly"])
        #expect(throws: Failure.self) { try StoreKey.components(ofPrefix: "nightly/") }
    }

    @Test func listingsAreInTheOrderOfBytes() {
        // Both letters are the same to Swift.
        #expect(
            ["z", "é", "Z", "e\u{301}"].sorted(by: StoreKey.isBefore).map { Array($0.utf8) } == [
                [0x5A], [0x65, 0xCC, 0x81], [0x7A], [0xC3, 0xA9],
            ])
    }
}
