import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite struct SnapshotNoteTests {
    private static func name(_ second: Int) -> String { "books-1-2026-11-21-08-00-\(second < 10 ? "0" : "")\(second).snapshot" }
    private static let asked = Timestamp("2026-11-21T08:00:05Z")

    private func note(made: Int? = 2, asked: Timestamp? = asked, name: String? = nil) -> SnapshotNote {
        SnapshotNote(
            server: "http://h:1", collection: "books", before: [Self.name(1)], made: made, asked: asked, name: name,
            size: name.map { _ in 10 })
    }

    private func listed(_ seconds: Int..., size: Int = 10) throws -> [ServerSnapshot] {
        try seconds.map { try testSnapshot(Self.name($0), size: Int64(size)) }
    }

    private static let oneMore = SnapshotActivity(created: ["books": 3])

    @Test func theOnlyOneSinceIsOurs() throws {
        #expect(try note().standing(among: listed(1, 6), Self.oneMore) == .there(Self.name(6)))
        #expect(try note().standing(among: listed(1), Self.oneMore) == .gone)
        let upload = try testSnapshot("lifeboat-20261120T020000Z-x-4f1c9a-0123abcd.snapshot", size: 1)
        #expect(try note().standing(among: listed(1) + [upload], Self.oneMore) == .gone)
    }

    @Test func whatCouldBeSomebodyElsesIsUnclear() throws {
        let (two, one) = (SnapshotNote.Standing.unclear([Self.name(6), Self.name(7)]), SnapshotNote.Standing.unclear([Self.name(6)]))
        #expect(try note().standing(among: listed(1, 7, 6), Self.oneMore) == two, "two of them")
        #expect(try note().standing(among: listed(1, 6), SnapshotActivity(created: ["books": 4])) == one, "two were made")
        #expect(try note().standing(among: listed(1, 6), SnapshotActivity()) == one, "the server was started again")
        #expect(try note().standing(among: listed(1, 6), SnapshotActivity(isTold: false)) == one)
        #expect(try note(made: nil).standing(among: listed(1, 6), Self.oneMore) == one)
        #expect(try note(asked: nil).standing(among: listed(1, 6), Self.oneMore) == one)
        #expect(try note().standing(among: listed(1, 30), Self.oneMore) == .unclear([Self.name(30)]), "asked for later")
        #expect(try note().standing(among: listed(1, 3), Self.oneMore) == .unclear([Self.name(3)]), "asked for earlier")
    }

    @Test func aNameThatWasHeardIsLookedForWithItsSize() throws {
        let heard = note(name: Self.name(6))
        #expect(try heard.standing(among: listed(1, 6, 7), SnapshotActivity()) == .there(Self.name(6)))
        #expect(try heard.standing(among: listed(1, 7), SnapshotActivity()) == .gone)
        #expect(try heard.standing(among: listed(6, size: 11), SnapshotActivity()) == .unclear([Self.name(6)]), "another of its second")
        let older = note(name: Self.name(1))
        #expect(try older.standing(among: listed(1), SnapshotActivity()) == .unclear([Self.name(1)]), "it was there before")
    }

    @Test(arguments: [
        ("Sat, 21 Nov 2026 08:00:05 GMT", "2026-11-21T08:00:05.000Z"), ("Thu, 01 Jan 2026 23:59:59 GMT", "2026-01-01T23:59:59.000Z"),
        ("Saturday", nil), ("Sat, 21 Nox 2026 08:00:05 GMT", nil),
    ])
    func theServersClockIsRead(_ header: String, _ time: String?) async throws {
        let server = try WireServer { _ in .status(200, headers: ["Date: \(header)"]) }
        #expect(try await server.client().clock()?.text == time)
        let silent = try WireServer { _ in .status(200) }
        #expect(try await silent.client().clock() == nil)
    }

    @Test func whatWasNotedIsReadAgain() async throws {
        try await withTemporaryFolder { folder in
            #expect(try await SnapshotNote.read(folder) == nil, "nothing was asked for yet")
            try await note().write(to: folder)
            try await note(name: "x").write(to: folder)
            #expect(try await SnapshotNote.read(folder) == note(name: "x"))
        }
    }
}
