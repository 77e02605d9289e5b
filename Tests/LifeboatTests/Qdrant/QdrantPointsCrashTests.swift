import Bindings
import TestSupport
import Testing

/// Lifeboat, the server, or both die while the points of a collection are being written; at the end every point is there, and is what it was.
@Suite(.requires(TestQdrant.missingStandIn), .timeLimit(.minutes(10))) struct QdrantPointsCrashTests {
    /// `body` begins with a run that stands in the middle of its first write.
    private func withHeldWrite(_ body: (QdrantSite, Life, RunningProgram) async throws -> Void) async throws {
        try await QdrantSite.with { site in
            let whole = try await site.production.points("books")
            try await site.addPolicyByPoints()
            try await site.backUp("by-points")
            try await site.damage()
            try await site.production.hold(.upsert)
            let life = try await Life("points", at: site)
            let program = try await life.start(
                site.arguments("qdrant-points", "collection=books") + ["--backup", "points=\(try await site.newest("by-points"))"])
            try await body(site, life, program)
            #expect(try await site.production.points("books") == whole)
            #expect(try await site.production.aliases() == ["shelf": "books"])
        }
    }

    @Test func aKillWithinAWriteIsNoWorse() async throws {
        try await withHeldWrite { site, life, program in
            #expect(try await life.kill(program) { _ in site.production.isHeld(in: .upsert) } != nil, "it was not killed")
            try await site.production.release(.upsert)
            let resumed = try await life.start(site.resume())
            #expect(try await resumed.waitForExit() == .exited(0), "\(resumed.printed)")
        }
    }

    @Test func aServerThatDiesWithinAWriteIsWaitedForAndWrittenTo() async throws {
        try await withHeldWrite { site, life, program in
            await life.watch(program) { _ in site.production.isHeld(in: .upsert) }
            try await site.production.kill()
            try await site.production.release(.upsert)
            try await site.production.start()
            #expect(try await program.waitForExit() == .exited(0), "\(program.printed)")
        }
    }

    @Test func whenBothDieTheNextLifeGoesOn() async throws {
        try await withHeldWrite { site, life, program in
            #expect(try await life.kill(program) { _ in site.production.isHeld(in: .upsert) } != nil, "it was not killed")
            try await site.production.kill()
            try await site.production.release(.upsert)
            try await site.production.start()
            let resumed = try await life.start(site.resume())
            #expect(try await resumed.waitForExit() == .exited(0), "\(resumed.printed)")
        }
    }
}
