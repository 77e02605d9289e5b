import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What was captured is unpacked beside the folder, and takes its place.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct StorageStagingTests {
    @Test func theServerIsAsItWasCapturedAndTheOldFolderStays() async throws {
        try await StorageUnderTest.with(hasEverything: true) { storage in
            let captured = try await storage.contents(of: storage.folder)
            let taken = try await storage.take()
            try await storage.server.start()
            try await storage.server.ask("DELETE", "/collections/everything")
            try await storage.server.fillBooks("newer", points: 3)

            // Staging is done while the server runs, and changes nothing of it.
            let memory = Memory()
            let staged = try await storage.stage(taken.hand, memory: memory)
            #expect(staged.checks.allSatisfy { $0.verdict == .held && $0.compared > 10 } && !staged.checks.isEmpty)
            #expect(try await storage.server.collections() == ["books", "newer"])
            #expect(try await storage.contents(of: storage.folder.staged(by: StorageUnderTest.run)) == captured)
            #expect(try await storage.beside() == ["storage", "storage.lifeboat-\(StorageUnderTest.run)"])
            #expect(
                try await step(StageStorageStep.self, "storage").reconcile(reading: storage.target.reading([taken.hand], memory: memory))
                    == .done)

            // Replacing is not.
            let live = await #expect(throws: Failure.self) { try await storage.replace(taken.hand) }
            #expect(live?.problem.hasSuffix("answers, so the folder is live") == true, "\(String(describing: live))")
            try await storage.server.stop()
            let unasked = await #expect(throws: Failure.self) { try await storage.replace(taken.hand, agreed: false) }
            #expect(unasked?.kind == .refused && unasked?.problem.contains("nobody has agreed") == true, "\(String(describing: unasked))")
            let damaged = try await storage.contents(of: storage.folder)
            let result = try await storage.replace(taken.hand)
            let aside = storage.folder.aside(by: StorageUnderTest.run)
            #expect(result.notes.last?.hasPrefix("what was there is kept in \(aside.path): remove it when") == true, "\(result.notes)")
            #expect(try await storage.contents(of: storage.folder) == captured)
            #expect(try await storage.contents(of: aside) == damaged)
            #expect(try await storage.beside() == ["storage", "storage.before-\(StorageUnderTest.run)"])

            try await storage.server.start()
            #expect(try await storage.server.collections() == ["books", "everything"])
            #expect(try await storage.server.count("books") == 60)
            #expect(try await storage.server.aliases() == ["shelf": "books"])

            let verified = try await step(QdrantVerifyStep.self, "{all_of: storage, against: storage}").run(
                in: storage.target.context([taken.hand]))
            #expect(verified.findings == [])
            #expect(CheckTally(verified.checks).compared > 20)
            let untold = Set(verified.notExercised.map(\.what))
            #expect(
                untold.isSuperset(of: [
                    "exact count of collection books", "golden queries of collection books", "sampled points of collection books",
                ]),
                "\(untold)")
        }
    }

    /// A verification that finds nothing to complain of in a server without its points would be none.
    @Test func whatIsMissingAfterwardsIsFound() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            try await storage.server.start()
            try await storage.server.ask("DELETE", "/collections/books/index/shelf?wait=true")
            try await storage.server.ask("POST", "/collections/books/points/delete?wait=true", #"{"filter":{}}"#)
            try await storage.server.fillBooks("other", points: 1, indexes: false)
            try await storage.server.alias("shelf", for: "other")
            let verified = try await step(QdrantVerifyStep.self, "{collection: books, against: storage}").run(
                in: storage.target.context([taken.hand]))
            #expect(
                Set(verified.findings) == ["collection books: points", "payload index books/shelf: definition", "alias shelf: collection"],
                "\(verified.findings)")
        }
    }

    @Test func modesAndHolesAreKept() async throws {
        try await StorageUnderTest.with { storage in
            try await blocking { [folder = storage.folder.path] _ in
                let writer = try FileWriter(creating: "\(folder)/collections/holes", mode: 0o640)
                try writer.write([1])
                try writer.leaveHole(8 << 20)
                try writer.write([2])
                try writer.finish()
                try Files.changeMode(of: "\(folder)/collections/holes", to: 0o640)
                try Files.makeFolder("\(folder)/closed")
                try Files.create("\(folder)/closed/inside", [3])
                try Files.changeMode(of: "\(folder)/closed", to: 0o500)
            }
            let taken = try await storage.take()
            _ = try await storage.stage(taken.hand)
            let staged = storage.folder.staged(by: StorageUnderTest.run).path
            let there = try await blocking { flag in try FolderTree.list(staged, until: flag) }
            let was = try await blocking { [folder = storage.folder.path] flag in try FolderTree.list(folder, until: flag) }
            #expect(
                there.map { "\($0.path) \($0.status.mode) \($0.status.owner):\($0.status.group)" }
                    == was.map { "\($0.path) \($0.status.mode) \($0.status.owner):\($0.status.group)" })
            let holes = try #require(there.first { $0.path == "collections/holes" }).status
            #expect(holes.bytes == (8 << 20) + 2 && holes.diskBytes < 1 << 20, "\(holes)")
            try await blocking { [folder = storage.folder.path] _ in
                for path in [folder, staged] { try Files.changeMode(of: "\(path)/closed", to: 0o700) }
            }
        }
    }

    @Test func aFlippedBitLeavesNothingBehind() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            let before = try await storage.contents(of: storage.folder)
            let size = try #require(taken.hand.manifest.artifacts.first { $0.key == PartName.storage }?.stored.bytes)
            for share in 1...6 {
                let place = Int(size) * share / 7
                let backup = try await storage.damaged(taken) { $0[place] ^= 4 }
                let failure = await #expect(throws: Failure.self) { try await storage.stage(backup) }
                #expect(failure?.kind == .damaged, "at \(place): \(String(describing: failure))")
                _ = try await storage.damaged(taken) { $0[place] ^= 4 }
                #expect(try await storage.beside() == ["storage"])
            }
            #expect(try await storage.contents(of: storage.folder) == before)
        }
    }

    /// What no listing knows, such as when a file was changed, is in the archive too.
    @Test func anotherArchiveWithTheSameFilesIsRefused() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            let path = taken.sink.path(of: PartName.storage)
            try await blocking { _ in
                let reader = try CompressedReader(path, expecting: .zstd)
                let writer = try CompressedWriter(creating: path + ".other", .zstd, level: 1)
                while let piece = try reader.next() { try writer.write(piece) }
                try writer.finish()
                try Files.replace(path, try Files.read(path + ".other", limit: 1 << 30))
            }
            let failure = await #expect(throws: Failure.self) { try await storage.stage(taken.hand) }
            #expect(failure?.kind == .damaged, "\(String(describing: failure))")
            #expect(failure?.problem.hasSuffix("is damaged: it is not as it was captured") == true, "\(String(describing: failure))")
            #expect(try await storage.beside() == ["storage"])
        }
    }

    /// What a killed attempt has left has a name of this run, and is no obstacle.
    @Test func anAttemptThatWasCutOffIsDoneAgain() async throws {
        try await StorageUnderTest.with { storage in
            let captured = try await storage.contents(of: storage.folder)
            let taken = try await storage.take()
            let unfinished = storage.folder.unfinished(by: StorageUnderTest.run).path
            try await blocking { _ in
                try Files.makeFolder(unfinished)
                try Files.create("\(unfinished)/half", [1])
            }
            #expect(try await step(StageStorageStep.self, "storage").reconcile(reading: storage.target.reading([taken.hand])) == .notDone)
            _ = try await storage.stage(taken.hand)
            #expect(try await storage.beside() == ["storage", "storage.lifeboat-\(StorageUnderTest.run)"])
            #expect(try await storage.contents(of: storage.folder.staged(by: StorageUnderTest.run)) == captured)
        }
    }

    @Test func aBackupOfAnotherKindAndAFolderThatCannotBeMovedAreRefused() async throws {
        try await StorageUnderTest.with(isStopped: false) { storage in
            let qdrant = try await QdrantUnderTest(storage.server)
            let snapshots = try await qdrant.take("books")
            let failure = await #expect(throws: Failure.self) {
                try await step(StageStorageStep.self, "snapshot").run(in: storage.target.context([snapshots.hand]))
            }
            #expect(
                failure?.kind == .unfit && failure?.problem.hasSuffix("holds no storage folder") == true, "\(String(describing: failure))")
            try await storage.server.stop()
            let taken = try await storage.take()
            let link = storage.server.folder + "/link"
            try await TestSupport.link(link, to: storage.folder.path)
            let linked = try StorageUnderTest.target(storage.server, storage: link)
            let refused = await #expect(throws: Failure.self) {
                try await step(StageStorageStep.self, "storage").run(in: linked.context([taken.hand]))
            }
            #expect(refused?.problem == "\(link) is a link, not the storage folder itself")
            try await storage.server.start()
            let recovers = await #expect(throws: Failure.self) {
                try await step(RecoverSnapshotStep.self, "{all_of: storage, from: storage}").run(in: storage.target.context([taken.hand]))
            }
            #expect(recovers?.kind == .unfit && recovers?.hint?.contains("qdrant.stage-storage") == true, "\(String(describing: recovers))")
        }
    }

    // MARK: Sweep

    @Test func whatADeadRunHasStagedIsSweptAndWhatItPutAsideIsNot() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            _ = try await storage.stage(taken.hand)
            let other = RunID(rawValue: "20261121T020000Z-other-000000")
            for folder in [storage.folder.unfinished(by: other), storage.folder.aside(by: other)] {
                try await blocking { _ in try Files.makeFolder(folder.path) }
            }
            #expect(try await storage.target.leftoversHere(sparing: { _ in true }).isEmpty)
            let alive: Set<RunID> = [other]
            let isAlive: @Sendable (RunID) -> Bool = { alive.contains($0) }
            let found = try await storage.target.leftoversHere(sparing: isAlive)
            #expect(found.map(\.name) == [storage.folder.staged(by: StorageUnderTest.run).path])
            #expect(found.map(\.run) == [StorageUnderTest.run])
            for leftover in try await storage.target.leftoversHere(sparing: { _ in false }) { try await storage.target.remove(leftover) }
            #expect(try await storage.beside() == ["storage", "storage.before-\(other)"])
            let foreign = Leftover(kind: "staged storage folder", name: storage.folder.path, run: nil, words: "")
            await #expect(throws: Failure.self) { try await storage.target.remove(foreign) }
            #expect(try await storage.beside().contains("storage"))
        }
    }
}
