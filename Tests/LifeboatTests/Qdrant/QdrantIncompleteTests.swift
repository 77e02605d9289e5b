import Bindings
import Recovery
import TestSupport
import Testing

/// One collection cannot be captured: the others of the backup are of use all the same.
@Suite(.requires(TestQdrant.missingStandIn), .timeLimit(.minutes(5))) struct QdrantIncompleteTests {
    @Test func theOthersComeBackByNameAndItIsRefusedWithTheReason() async throws {
        try await QdrantSite.with { site in
            try await site.production.fillBooks("papers", points: 5)
            try await site.production.kill()
            // As a recover that was cut off leaves it.
            try await TestSupport.write([], to: "\(site.production.folder)/storage/collections/papers/shard_0.initializing")
            try await site.production.start()
            let before = try await site.production.points("books")

            let taken = try await site.lifeboat("backup", "nightly")
            #expect(taken.code == 3, "\(taken.output)\(taken.errors)")
            let id = try await site.newest("nightly")
            let verified = try await site.lifeboat("backups", "verify", id, "--deep")
            #expect(verified.code == 3, "\(verified.output)\(verified.errors)")
            #expect(verified.output.hasPrefix("INCOMPLETE  backup \(id): "), "\(verified.output)")
            #expect(verified.output.contains("  not captured: collection 'papers': "), "\(verified.output)")
            #expect(verified.output.contains("what it holds is sound, and can be restored by its name"), "\(verified.output)")

            try await site.damage()
            let papers = try await site.lifeboat.run(
                site.arguments("qdrant-collection", "collection=papers", "dimensions=8") + ["--backup", "snapshot=\(id)"])
            #expect(papers.code != 0)
            #expect(
                papers.errors.contains("backup \(id) does not hold collection 'papers': it could not be captured: "), "\(papers.errors)")
            #expect(await site.appRuns(), "nothing was stopped for it")

            let latest = try await site.lifeboat.run(site.run)
            #expect(latest.code != 0, "it is not chosen by itself")
            #expect(try await site.production.count("books") == 57)

            let books = try await site.lifeboat.run(site.run + ["--backup", "snapshot=\(id)"])
            #expect(books.code == 0, "\(books.output)\(books.errors)")
            #expect(try await site.production.points("books") == before)
        }
    }
}
