import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Two renames, broken off at each place that there is.
@Suite(.timeLimit(.minutes(1))) struct StorageReplacementTests {
    private struct Place {
        let replacement: StorageReplacement

        /// Old and staged folders with one file each.
        init(_ parent: String, hasOld: Bool = true) async throws {
            let folder = StorageFolder(path: "\(parent)/storage")
            replacement = StorageReplacement(of: folder, by: StorageUnderTest.run)
            try await blocking { [replacement] _ in
                for (folder, word) in [(replacement.folder, "old"), (replacement.staged, "new")] where hasOld || word == "new" {
                    try Files.makeFolder(folder.path)
                    try Files.create("\(folder.path)/which", Array(word.utf8))
                }
            }
        }

        /// What each of the three names stands for.
        func there() async throws -> [String] {
            try await blocking { [replacement] _ in
                try [replacement.folder, replacement.staged, replacement.aside].map { folder in
                    guard try Files.status(of: folder.path) != nil else { return "-" }
                    return String(decoding: try Files.read("\(folder.path)/which", limit: 16), as: UTF8.self)
                }
            }
        }
    }

    private struct Broken: Error {}

    /// Breaks at the nth thing that is asked of it.
    private final class Breaker {
        private var left: Int
        var hasBroken: Bool { left <= 0 }
        var mark: String?

        init(at number: Int) { left = number }

        func pass() throws {
            left -= 1
            if left == 0 { throw Broken() }
        }
    }

    @Test(arguments: [true, false]) func afterAFailureAtEachPlaceItIsDoneToTheEnd(hasOld: Bool) async throws {
        var places: [[String]] = []
        for number in 1... {
            let hasFailed = try await withTemporaryFolder { parent in
                let place = try await Place(parent, hasOld: hasOld)
                let breaker = Breaker(at: number)
                do {
                    try await place.replacement.carryOut(mark: nil) { mark in
                        // Half of them fail before it is written down, half after.
                        try breaker.pass()
                        breaker.mark = mark
                        try breaker.pass()
                    } isFree: { _ in
                        try breaker.pass()
                    }
                } catch is Broken {}
                let there = try await place.there()
                places.append(there)
                // Whatever was broken off: both are there, whole, under one name or another.
                #expect(there.contains("new") && there.contains("old") == hasOld, "after failing at \(number): \(there)")
                let kept = try await place.replacement.carryOut(mark: breaker.mark, note: { breaker.mark = $0 }, isFree: { _ in })
                #expect(kept == hasOld)
                #expect(try await place.there() == ["new", "-", hasOld ? "old" : "-"], "after failing at \(number)")
                #expect(try await place.replacement.state(mark: breaker.mark) == .replaced)
                return breaker.hasBroken
            }
            guard hasFailed else { break }
        }
        #expect(places.count == (hasOld ? 5 : 4))
    }

    /// A crash leaves what lies on the disk and what was written down, and nothing else.
    @Test func eachStateOfTheDiskIsRecognised() async throws {
        try await withTemporaryFolder { parent in
            let place = try await Place(parent)
            let replacement = place.replacement
            let mark = StorageReplacement.mark(of: try #require(try await replacement.staged.status()))
            #expect(try await replacement.state(mark: nil) == .untouched)
            #expect(try await replacement.state(mark: mark) == .untouched)
            // It was staged again, or the disk has another number since the machine was started again: its name tells.
            #expect(try await replacement.state(mark: "1") == .untouched)
            try await blocking { _ in try Files.publish(from: replacement.folder.path, to: replacement.aside.path) }
            #expect(try await replacement.state(mark: mark) == .oldIsAside)
            #expect(try await replacement.state(mark: "1") == .oldIsAside)
            try await blocking { _ in try Files.makeFolder(replacement.folder.path) }
            #expect(
                try await replacement.state(mark: mark)
                    == .cannotTell("both \(replacement.folder.path) and \(replacement.aside.path) are there"))
            try await blocking { _ in _ = try Files.removeEmptyFolder(replacement.folder.path) }
            try await blocking { _ in try Files.publish(from: replacement.staged.path, to: replacement.folder.path) }
            #expect(try await replacement.state(mark: mark) == .replaced)
            #expect(try await replacement.state(mark: "1") == .replaced)
            #expect(try await replacement.state(mark: nil) == .cannotTell("there is no staged folder \(replacement.staged.path)"))
        }
    }

    /// A restart policy may bring the server back at the worst moment.
    @Test func aServerThatComesBackBetweenLookAndRenameGetsItsFolderBack() async throws {
        try await withTemporaryFolder { parent in
            let place = try await Place(parent)
            let live = Failure(.refused, "somebody has it")
            let failure = await #expect(throws: Failure.self) {
                try await place.replacement.carryOut(mark: nil, note: { _ in }) { folders in
                    if folders == [place.replacement.aside] { throw live }
                }
            }
            #expect(failure?.problem == live.problem)
            #expect(try await place.there() == ["old", "new", "-"])
        }
    }

    @Test func whatWasNotStagedReplacesNothing() async throws {
        try await withTemporaryFolder { parent in
            let place = try await Place(parent)
            try await blocking { [staged = place.replacement.staged.path] _ in _ = try Files.removeTree(staged) }
            let failure = await #expect(throws: Failure.self) {
                try await place.replacement.carryOut(mark: nil, note: { _ in }, isFree: { _ in })
            }
            #expect(failure?.hint?.hasPrefix("stage it first") == true)
            #expect(try await place.there() == ["old", "-", "-"])
        }
    }
}
