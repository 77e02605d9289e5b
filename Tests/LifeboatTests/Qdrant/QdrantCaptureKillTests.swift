import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A backup is killed while the server makes a snapshot for it: what stays there is found again, and what is somebody else's is not touched.
@Suite(.requires(TestQdrant.missingStandIn), .timeLimit(.minutes(5))) struct QdrantCaptureKillTests {
    private func withKilledBackup(_ body: (QdrantSite, Life) async throws -> Void) async throws {
        try await QdrantSite.with { site in
            let own = try await site.production.ask("POST", "/collections/books/snapshots")["name"]?.string ?? ""
            // Two of one second have one name, and replace each other.
            let second = try #require(own.firstMatch(of: /-([0-9]{2})\.snapshot$/)?.1)
            try await eventually { Timestamp(Date()).compact.dropLast().suffix(2) != second }
            try await site.production.hold(.snapshot)
            let life = try await Life("killed-in-capture", at: site)
            let program = try await life.start(["backup", "nightly"] + site.configured)
            #expect(try await life.kill(program) { _ in site.production.isHeld(in: .snapshot) } != nil)
            try await body(site, life)
        }
    }

    private func sweep(_ life: Life, _ site: QdrantSite, _ more: String...) async throws -> (code: Int32, output: String, errors: String) {
        let swept = try await life.lifeboat.run(["sweep"] + more + site.configured)
        return (swept.code, swept.output, swept.errors)
    }

    @Test func itsSnapshotIsSweptAndNoOther() async throws {
        try await withKilledBackup { site, life in
            let own = try await site.leftOnServer()
            #expect(own.count == 1, "somebody's own")
            // As long as the server is at it there is nothing to remove.
            let early = try await sweep(life, site)
            #expect(early.code == 3, "\(early)")
            #expect(early.errors.contains("what it had a server make"), "\(early)")
            #expect(try await site.unfinished().count == 1)
            try await site.production.release(.snapshot)
            try await eventually { try await site.leftOnServer().count == 2 }
            let made = try #require(try await site.leftOnServer().first { !own.contains($0) })

            let looked = try await sweep(life, site, "--dry-run")
            let words =
                "snapshot '\(made)' of collection 'books' on 'vectors' (127.0.0.1:\(site.production.port)), which a capture that died had it make"
            #expect(looked.output == "left \(words)\n", "\(looked)")
            #expect(try await site.leftOnServer().count == 2)
            let swept = try await sweep(life, site)
            #expect(swept.code == 0, "\(swept)")
            #expect(swept.output == "removed \(words)\n")
            #expect(try await site.leftOnServer() == own)
            #expect(try await site.unfinished() == [])
            #expect(try await sweep(life, site).output == "Nothing was left behind.\n")
        }
    }

    @Test func whatMayBeSomebodyElsesIsNamedAndStays() async throws {
        try await withKilledBackup { site, life in
            try await site.production.release(.snapshot)
            try await eventually { try await site.leftOnServer().count == 2 }
            // Names have seconds: another one would replace it.
            try await eventually {
                try await site.production.ask("POST", "/collections/books/snapshots")
                return try await site.leftOnServer().count >= 3
            }
            let all = try await site.leftOnServer()
            let swept = try await sweep(life, site)
            #expect(swept.code == 0, "\(swept)")
            #expect(swept.output.contains("cannot be told from one of somebody else"), "\(swept)")
            #expect(try await site.leftOnServer() == all)
            #expect(try await site.unfinished() == [])
        }
    }

    @Test func aServerThatIsGoneKeepsItsNote() async throws {
        try await withKilledBackup { site, life in
            try await site.production.kill()
            let swept = try await sweep(life, site)
            #expect(swept.code == 3 || swept.code == 1, "\(swept)")
            #expect(try await site.unfinished().count == 1, "the note")
            try await site.production.release(.snapshot)
            try await site.production.start()
            let later = try await sweep(life, site)
            #expect(later.code == 0, "\(later)")
            #expect(later.output.contains("of which nothing is there"), "\(later)")
            #expect(try await site.unfinished() == [])
        }
    }
}
