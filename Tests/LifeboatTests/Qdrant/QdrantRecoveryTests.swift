import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// The built program and the shipped runbooks on servers that somebody needs: backed up, damaged, guarded, recovered.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct QdrantRecoveryTests {
    @Test func whatWasBackedUpIsRecoveredAndNothingElseIsLost() async throws {
        try await QdrantSite.with { site in
            let before = try await site.production.points("books")
            try await site.backUp()
            try await site.damage()

            // Nobody has agreed: nothing is touched.
            let refused = try await site.lifeboat.run(
                site.arguments("qdrant-collection", confirm: false, "collection=books", "dimensions=8"))
            #expect(refused.code == 1, "\(refused.errors)")
            #expect(refused.errors.contains("--confirm vectors"), "\(refused.errors)")
            #expect(try await site.production.count("books") == 57)
            #expect(await site.appRuns())

            let plan = try await site.lifeboat(
                "plan", site.runbook("qdrant-collection"), "--input", "collection=books", "--input", "dimensions=8", "--target",
                "vectors=vectors")
            #expect(plan.code == 0, "\(plan.errors)")
            #expect(plan.output.contains("- collection vectors/books (57 points"), "\(plan.output)")
            #expect(plan.output.contains("+ collection vectors/books"), "\(plan.output)")
            #expect(plan.output.contains("+ payload index vectors/books/shelf"), "\(plan.output)")
            #expect(plan.output.contains("alias vectors/shelf"), "\(plan.output)")
            #expect(try await site.production.count("books") == 57, "a plan changes nothing")

            let run = try await site.lifeboat.run(site.run + ["--reason", "a test"])
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(run.output.hasPrefix("PASSED run qdrant-collection"), "\(run.output)")
            #expect(try await site.production.points("books") == before)
            #expect(try await site.production.aliases() == ["shelf": "books"])
            #expect(await site.appRuns())
            #expect(try await site.leftOnServer() == [])

            // What was there before the recovery was kept, and counts for nothing else.
            let kept = try FileManager.default.contentsOfDirectory(atPath: "\(site.folder)/store/_safety")
            #expect(kept.count == 1)
            #expect(try await site.lifeboat("backups", "list").output.split(separator: "\n").count == 1)
            #expect(try await site.lifeboat("check").code == 0)
            #expect(try await site.lifeboat("sweep").output == "Nothing was left behind.\n")
        }
    }

    @Test func stagingIsRehearsedOnWithoutBeingAsked() async throws {
        try await QdrantSite.with(staging: true) { site in
            try await site.backUp()
            let run = try await site.lifeboat.run(
                site.arguments("qdrant-collection", on: "staging", confirm: false, "collection=books", "dimensions=8"))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.staging.points("books") == site.production.points("books"))
            #expect(try await site.staging.aliases() == ["shelf": "books"])
            // Once more, over what is there now.
            let again = try await site.lifeboat.run(
                site.arguments("qdrant-collection", on: "staging", confirm: false, "collection=books", "dimensions=8"))
            #expect(again.code == 0, "\(again.output)\(again.errors)")
            #expect(try await site.staging.count("books") == 60)
        }
    }

    /// The two targets are one server: the peer id of Qdrant tells.
    @Test func theBackupsOwnSourceIsGuardedWhateverStageItSaysItHas() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            let refused = try await site.lifeboat.run(
                site.arguments("qdrant-collection", on: "staging", confirm: false, "collection=books", "dimensions=8"))
            #expect(refused.code == 1, "\(refused.output)")
            #expect(refused.errors.contains("--confirm staging"), "\(refused.errors)")
            #expect(try await site.production.count("books") == 60)
        }
    }

    @Test func anAliasIsSwitchedToWhatWasRecoveredBesideTheOldOne() async throws {
        try await QdrantSite.with { site in
            let before = try await site.production.points("books")
            try await site.backUp()
            try await site.damage()
            let inputs = ["alias=shelf", "old=books", "new=books_new", "captured=books"]
            func arguments(confirm: Bool) -> [String] {
                ["run", site.runbook("qdrant-collection-by-alias"), "--target", "vectors=vectors"]
                    + inputs.flatMap { ["--input", $0] }
                    + (confirm ? ["--confirm", "vectors"] : []) + site.configured
            }
            let refused = try await site.lifeboat.run(arguments(confirm: false))
            #expect(refused.code == 1, "\(refused.errors)")
            #expect(try await site.production.collections() == ["books"])
            let run = try await site.lifeboat.run(arguments(confirm: true))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.production.collections() == ["books_new"])
            #expect(try await site.production.aliases() == ["shelf": "books_new"])
            #expect(try await site.production.points("books_new") == before)
            #expect(try await site.leftOnServer() == [])
        }
    }

    @Test func aCollectionIsRebuiltPointByPoint() async throws {
        try await QdrantSite.with { site in
            let before = try await site.production.points("books")
            try await site.addPolicyByPoints()
            try await site.backUp("by-points")
            try await site.damage()
            let id = try await site.newest("by-points")
            let run = try await site.lifeboat.run(site.arguments("qdrant-points", "collection=books") + ["--backup", "points=\(id)"])
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.production.points("books") == before)
            #expect(try await site.production.aliases() == ["shelf": "books"])
        }
    }

    @Test func aWholeServerIsRebuiltAndWhatIsNotInTheBackupIsLeftAlone() async throws {
        try await QdrantSite.with { site in
            try await site.production.fillEverything("everything")
            let before = [try await site.production.points("books"), try await site.production.points("everything")]
            try await site.backUp()
            try await site.damage()
            try await site.production.ask("DELETE", "/collections/everything")
            try await site.production.fillBooks("newer", points: 3)
            let run = try await site.lifeboat.run(site.arguments("qdrant-server"))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect([try await site.production.points("books"), try await site.production.points("everything")] == before)
            #expect(try await site.production.count("newer") == 3)
            #expect(try await site.production.aliases() == ["shelf": "books"])
            #expect(try await site.leftOnServer() == [])
        }
    }

    @Test func everyShippedRunbookIsDrilledOnAServerOfItsOwn() async throws {
        try await QdrantSite.with { site in
            try await site.addPolicyByPoints()
            try await site.backUp()
            try await site.backUp("by-points")
            // The real one is not there while they are drilled.
            try await site.production.kill()
            for name in ["qdrant-collection", "qdrant-collection-by-alias", "qdrant-points", "qdrant-server"] {
                let drill = try await site.lifeboat("drill", "\(site.folder)/drill-\(name).yaml")
                #expect(drill.code == 0, "\(name): \(drill.output)\(drill.errors)")
                #expect(drill.output.contains("PASSED drill drill-\(name)"), "\(drill.output)")
            }
            try await site.production.start()
            #expect(try await site.lifeboat("sweep").output == "Nothing was left behind.\n")
            #expect(Life.processes(naming: "\(site.folder)/servers") == [])
        }
    }

    @Test func whatCannotBeReadIsNoReasonNotToRecoverIt() async throws {
        try await QdrantSite.with { site in
            let before = try await site.production.points("books")
            try await site.backUp()
            // A recover that was cut off has left it like this.
            try await site.production.kill()
            try await TestSupport.write([], to: "\(site.production.folder)/storage/collections/books/shard_0.initializing")
            try await site.production.start()
            let run = try await site.lifeboat.run(site.run)
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.production.points("books") == before)
        }
    }

    @Test func aCollectionThatCannotBeCapturedIsToldAndTheOthersAreThere() async throws {
        try await QdrantSite.with { site in
            try await site.production.fillBooks("titles", points: 5)
            try await site.production.kill()
            try await TestSupport.write([], to: "\(site.production.folder)/storage/collections/books/shard_0.initializing")
            try await site.production.start()
            let backup = try await site.lifeboat("backup", "nightly")
            #expect(backup.code == 3, "\(backup.output)\(backup.errors)")
            #expect(
                (backup.output + backup.errors).contains("collection 'books': cannot read collection 'books'"),
                "\(backup.output)\(backup.errors)")
            #expect(await isThere("\(try await site.backupFolder())/snapshots/titles.snapshot"))
        }
    }

    // MARK: Refusals

    @Test func nothingIsDroppedUnlessTheBackupIsProven() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            let folder = try await site.backupFolder()
            let snapshot = "\(folder)/snapshots/books.snapshot"
            var bytes = try await read(snapshot)
            bytes[bytes.count / 2] ^= 1
            try await blocking { [bytes] _ in try Files.replace(snapshot, bytes) }
            let run = try await site.lifeboat.run(site.run)
            #expect(run.code == 2, "\(run.output)\(run.errors)")
            #expect(run.output.contains("books.snapshot"), "\(run.output)")
            #expect(await site.appRuns())

            // A runbook that leaves the proof out is none.
            let text = try String(contentsOfFile: site.runbook("qdrant-collection"), encoding: .utf8)
            let proof = "  - name: Prove the snapshot first\n    backup.verify: {backup: snapshot, depth: deep}\n"
            #expect(text.contains(proof))
            try await site.put("unproven.yaml", text.replacing(proof, with: ""))
            let unproven = try await site.lifeboat.run(
                site.arguments("qdrant-collection", "collection=books", "dimensions=8").map {
                    $0.hasSuffix("qdrant-collection.yaml") ? "\(site.folder)/unproven.yaml" : $0
                })
            #expect(unproven.code == 2, "\(unproven.output)\(unproven.errors)")
            #expect(try await site.production.count("books") == 60)
        }
    }

    @Test func otherDimensionsThanTheOperatorBelievesInAreRefusedBeforeTheApplicationIsStopped() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            let run = try await site.lifeboat.run(site.arguments("qdrant-collection", "collection=books", "dimensions=768"))
            #expect(run.code == 2, "\(run.output)\(run.errors)")
            #expect(
                (run.output + run.errors).contains("the vectors of collection 'books' have 8 dimensions, and 768 are expected"),
                "\(run.output)\(run.errors)")
            #expect(try await site.production.count("books") == 60)
            #expect(await site.appRuns())
        }
    }

    @Test func aCollectionThatTheBackupDoesNotHoldIsNotDropped() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            try await site.production.fillBooks("newer", points: 3)
            let run = try await site.lifeboat.run(site.arguments("qdrant-collection", "collection=newer", "dimensions=8"))
            #expect(run.code != 0)
            #expect((run.output + run.errors).contains("holds no collection 'newer'"), "\(run.output)\(run.errors)")
            #expect(try await site.production.count("newer") == 3)
        }
    }

    /// A drill's server is its own; what it is told of the real one is nothing.
    @Test func aDrillLeavesTheRealServerAlone() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            try await site.damage()
            let drill = try await site.lifeboat("drill", "\(site.folder)/drill-qdrant-collection.yaml")
            #expect(drill.code == 0, "\(drill.output)\(drill.errors)")
            #expect(try await site.production.count("books") == 57)
            #expect(await site.appRuns())
        }
    }

    @Test func aServerThatIsUnreachableIsUnknownInThePlanAndRefusedInWords() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            try await site.production.kill()
            let plan = try await site.lifeboat(
                "plan", site.runbook("qdrant-collection"), "--input", "collection=books", "--input", "dimensions=8", "--target",
                "vectors=vectors")
            #expect(plan.code == 0, "\(plan.errors)")
            #expect(plan.output.contains("unknown"), "\(plan.output)")
            let run = try await site.lifeboat.run(site.run)
            #expect(run.code == 1, "\(run.output)\(run.errors)")
            #expect((run.output + run.errors).contains("cannot list the"), "\(run.output)")
            let backup = try await site.lifeboat("backup", "nightly")
            #expect(backup.code == 1, "\(backup.errors)")
        }
    }
}
