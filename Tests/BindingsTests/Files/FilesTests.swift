import Glibc
import Testing

@testable import Bindings

@Suite(.timeLimit(.minutes(1))) struct FilesTests {
    @Test func aCreatedFileHoldsItsBytesAndIsOursAlone() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/a", [1, 2, 3])
            #expect(try Files.read("\(folder)/a", limit: 3) == [1, 2, 3])
            let status = try #require(try Files.status(of: "\(folder)/a"))
            #expect(status.kind == .file && status.bytes == 3 && status.mode == 0o600 && status.linkCount == 1)
        }
    }

    @Test func creatingNeverReplaces() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/a", [1])
            let error = #expect(throws: FileError.self) { try Files.create("\(folder)/a", [2]) }
            #expect(error?.reason == .exists)
            #expect(error?.description == "cannot create \(folder)/a: File exists")
            #expect(try Files.read("\(folder)/a", limit: 10) == [1])
        }
    }

    @Test func publishingNeverReplaces() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/new", [2])
            try Files.create("\(folder)/name", [1])
            let error = #expect(throws: FileError.self) { try Files.publish(from: "\(folder)/new", to: "\(folder)/name") }
            #expect(error?.reason == .exists)
            #expect(try Files.read("\(folder)/name", limit: 10) == [1])
            #expect(try Files.read("\(folder)/new", limit: 10) == [2])
            try Files.publish(from: "\(folder)/new", to: "\(folder)/free")
            #expect(try Files.read("\(folder)/free", limit: 10) == [2])
            #expect(try Files.status(of: "\(folder)/new") == nil)
        }
    }

    @Test func publishingNeverReplacesWhereTheFileSystemDoesNotHelp() async throws {
        try await withScratchFolder { folder in
            for name in ["new", "full", "empty"] { try Files.makeFolder("\(folder)/\(name)") }
            try Files.create("\(folder)/new/a", [2])
            try Files.create("\(folder)/full/a", [1])
            try Files.create("\(folder)/file", [1])
            for taken in ["full", "empty", "file"] {
                let error = #expect(throws: FileError.self) { try Files.publishInSteps(from: "\(folder)/new", to: "\(folder)/\(taken)") }
                #expect(error?.reason == .exists, "\(taken)")
                let other = #expect(throws: FileError.self) { try Files.publishInSteps(from: "\(folder)/file", to: "\(folder)/new") }
                #expect(other?.reason == .exists, "\(taken)")
            }
            #expect(try Files.read("\(folder)/full/a", limit: 10) == [1])
            try Files.publishInSteps(from: "\(folder)/new", to: "\(folder)/free")
            try Files.publishInSteps(from: "\(folder)/file", to: "\(folder)/other")
            #expect(try Files.read("\(folder)/free/a", limit: 10) == [2])
            #expect(try Files.list(folder).map(\.name) == ["empty", "free", "full", "other"])
        }
    }

    @Test func replacingIsWholeAndLeavesNothingBeside() async throws {
        try await withScratchFolder { folder in
            try Files.replace("\(folder)/a", [1])
            try Files.replace("\(folder)/a", [2, 3])
            #expect(try Files.read("\(folder)/a", limit: 10) == [2, 3])
            #expect(try Files.list(folder).map(\.name) == ["a"])
        }
    }

    @Test func aFileLargerThanTheLimitIsRefused() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/a", [1, 2, 3])
            let error = #expect(throws: FileError.self) { try Files.read("\(folder)/a", limit: 2) }
            #expect(error?.reason == .tooLarge)
            #expect(error?.description == "cannot read \(folder)/a: it is larger than 2 bytes")
        }
    }

    @Test func aRangeEndsWhereTheFileEnds() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/a", [0, 1, 2, 3, 4])
            #expect(try Files.read("\(folder)/a", from: 1, count: 2) == [1, 2])
            #expect(try Files.read("\(folder)/a", from: 3, count: 10) == [3, 4])
            #expect(try Files.read("\(folder)/a", from: 9, count: 10) == [])
        }
    }

    @Test func whatIsNoFileIsNotRead() async throws {
        try await withScratchFolder { folder in
            #expect(#expect(throws: FileError.self) { try Files.read(folder, limit: 1) }?.reason == .isAFolder)
            #expect(#expect(throws: FileError.self) { try Files.read("\(folder)/no", limit: 1) }?.reason == .missing)
            #expect(#expect(throws: FileError.self) { try Files.read("/dev/zero", limit: 1) }?.reason == .notAFile)
            _ = try await run(Command("/usr/bin/mkfifo", ["\(folder)/pipe"]))
            #expect(#expect(throws: FileError.self) { try Files.read("\(folder)/pipe", limit: 1) }?.reason == .notAFile)
        }
    }

    @Test func aReaderHandsOutTheWholeFileInPieces() async throws {
        try await withScratchFolder { folder in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Files.create("\(folder)/a", bytes)
            var read: [UInt8] = []
            try FileReader("\(folder)/a").forEachPiece { piece in
                for place in 0..<piece.byteCount { unsafe read.append(piece.unsafeLoad(fromByteOffset: place, as: UInt8.self)) }
            }
            #expect(read == bytes)
        }
    }

    @Test func aFolderIsListedByNameWithoutFollowingLinks() async throws {
        try await withScratchFolder { folder in
            try Files.makeFolders("\(folder)/list/b/deep")
            try Files.create("\(folder)/list/a", [1, 2])
            _ = try await run(Command("/bin/ln", ["-s", "/etc", "\(folder)/list/c"]))
            let entries = try Files.list("\(folder)/list")
            #expect(entries.map(\.name) == ["a", "b", "c"])
            #expect(entries.map(\.status.kind) == [.file, .folder, .symbolicLink])
            #expect(entries.first?.status.bytes == 2)
            #expect(entries.map(\.nameIsExact) == [true, true, true])
            #expect(#expect(throws: FileError.self) { try Files.list("\(folder)/no") }?.reason == .missing)
            #expect(#expect(throws: FileError.self) { try Files.list("\(folder)/list/a") }?.reason == .notAFolder)
        }
    }

    @Test func aNameThatIsNoTextIsShownAndMarked() async throws {
        try await withScratchFolder { folder in
            _ = try await run(shell("touch \"\(folder)/$(printf 'a\\377')\""))
            let entries = try Files.list(folder)
            #expect(entries.map(\.name) == ["a\u{FFFD}"])
            #expect(entries.map(\.nameIsExact) == [false])
            try Files.removeTree(folder)
            #expect(!exists(folder))
        }
    }

    @Test func removingATreeDoesNotFollowLinks() async throws {
        try await withScratchFolder { folder in
            try Files.makeFolders("\(folder)/data/deep")
            try Files.makeFolder("\(folder)/precious")
            try Files.create("\(folder)/precious/file", [1])
            try Files.create("\(folder)/data/deep/file", [1])
            _ = try await run(shell("ln -s ../precious \(folder)/data/link; ln -s precious \(folder)/top"))
            #expect(try Files.removeTree("\(folder)/data"))
            #expect(try Files.removeTree("\(folder)/top"))
            #expect(try Files.list(folder).map(\.name) == ["precious"])
            #expect(exists("\(folder)/precious/file"))
            #expect(try !Files.removeTree("\(folder)/data"), "gone already")
        }
    }

    @Test func removingTellsWhatWasThere() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/a", [1])
            #expect(try Files.removeFile("\(folder)/a"))
            #expect(try !Files.removeFile("\(folder)/a"))
            try Files.makeFolders("\(folder)/b/c")
            #expect(#expect(throws: FileError.self) { try Files.removeEmptyFolder("\(folder)/b") }?.reason == .notEmpty)
            #expect(try Files.removeEmptyFolder("\(folder)/b/c"))
            #expect(try !Files.removeEmptyFolder("\(folder)/b/c"))
        }
    }

    @Test func foldersAreMadeWithThoseAboveThem() async throws {
        try await withScratchFolder { folder in
            try Files.makeFolders("\(folder)/a/b/c/", mode: 0o750)
            try Files.makeFolders("\(folder)/a/b/c", mode: 0o750)
            #expect(try Files.status(of: "\(folder)/a/b/c")?.mode == 0o750)
            #expect(#expect(throws: FileError.self) { try Files.makeFolder("\(folder)/a") }?.reason == .exists)
            try Files.create("\(folder)/file", [])
            #expect(#expect(throws: FileError.self) { try Files.makeFolders("\(folder)/file") }?.reason == .exists)
            #expect(#expect(throws: FileError.self) { try Files.makeFolders("\(folder)/file/x") }?.reason == .notAFolder)
        }
    }

    @Test func aCopyIsEqualAndNeverReplaces() async throws {
        try await withScratchFolder { folder in
            let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try Files.create("\(folder)/a", bytes)
            #expect(try Files.copy(from: "\(folder)/a", to: "\(folder)/b") == 2_500_000)
            #expect(try Files.read("\(folder)/b", limit: 3_000_000) == bytes)
            #expect(#expect(throws: FileError.self) { try Files.copy(from: "\(folder)/a", to: "\(folder)/b") }?.reason == .exists)
            // Another file system, and a file whose size the kernel does not know.
            #expect(try Files.copy(from: "/proc/self/status", to: "\(folder)/c") > 100)
        }
    }

    @Test func aFileThatIsNotFinishedIsGone() async throws {
        try await withScratchFolder { folder in
            var writer: FileWriter? = try FileWriter(creating: "\(folder)/a")
            try writer?.write([1, 2, 3])
            #expect(exists("\(folder)/a"))
            writer = nil
            #expect(!exists("\(folder)/a"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "giving files away takes root"))
    func aFileCanBeGivenToAnAccount() async throws {
        try await withScratchFolder { folder in
            let nobody = try #require(UserAccount.named("nobody"))
            try Files.create("\(folder)/a", [1])
            try Files.changeOwner(of: "\(folder)/a", to: nobody)
            try Files.changeMode(of: "\(folder)/a", to: 0o640)
            let status = try #require(try Files.status(of: "\(folder)/a"))
            #expect(status.owner == nobody.uid && status.mode == 0o640)
        }
    }

    @Test func freeSpaceIsMeasured() throws {
        let space = try Files.space(at: "/tmp")
        #expect(space.availableBytes > 0 && space.availableBytes <= space.totalBytes)
        #expect(#expect(throws: FileError.self) { try Files.space(at: "/no/such") }?.reason == .missing)
    }

    @Test(.enabled(if: canMount(), "a small file system takes root and the right to mount"))
    func aFullDiskIsSaidToBeFull() async throws {
        try await withSmallDisk { disk in
            let error = #expect(throws: FileError.self) { try Files.create("\(disk)/big", [UInt8](repeating: 1, count: 1_000_000)) }
            #expect(error?.reason == .diskFull && error?.isOutOfSpace == true)
            #expect(error?.description == "cannot write \(disk)/big: No space left on device")
            #expect(!exists("\(disk)/big"), "nothing half is left")
        }
    }

    @Test(.enabled(if: canMount(), "a small file system takes root and the right to mount"))
    func whatWasReservedIsThereWhenTheDiskIsFull() async throws {
        try await withSmallDisk { disk in
            let journal = try AppendFile.create("\(disk)/journal")
            #expect(try journal.reserve(64 << 10))
            #expect(#expect(throws: FileError.self) { try journal.reserve(1 << 20) }?.reason == .diskFull)
            let greedy = try FileWriter(creating: "\(disk)/greedy")
            let full = #expect(throws: FileError.self) {
                while true { try greedy.write([UInt8](repeating: 1, count: 4096)) }
            }
            #expect(full?.reason == .diskFull)
            try journal.append([UInt8](repeating: 2, count: 64 << 10))
            try journal.sync()
            #expect(try journal.size() == 64 << 10)
        }
    }

    @Test(.enabled(if: canMount(), "a read-only file system takes root and the right to mount"))
    func aReadOnlyDiskIsSaidToBeOne() async throws {
        try await withScratchFolder { folder in
            _ = try await run(shell("mount -t tmpfs -o ro lifeboat-test \(folder)"))
            let error = #expect(throws: FileError.self) { try Files.create("\(folder)/a", []) }
            _ = try await run(shell("umount -l \(folder)"))
            #expect(error?.reason == .readOnly)
            #expect(error?.description == "cannot create \(folder)/a: Read-only file system")
        }
    }
}

private func withSmallDisk(_ body: (String) throws -> Void) async throws {
    try await withScratchFolder { folder in
        try #require(try await run(shell("mount -t tmpfs -o size=256k lifeboat-test \(folder)")).status == .exited(0))
        let result = Result { try body(folder) }
        _ = try await run(shell("umount -l \(folder)"))
        try result.get()
    }
}

/// Whether this machine lets us make a small file system.
private func canMount() -> Bool {
    let status = String(decoding: (try? Files.read("/proc/self/status", limit: 1 << 20)) ?? [], as: UTF8.self)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }) else { return false }
    let capabilities = UInt64(line.dropFirst("CapEff:".count).drop(while: \.isWhitespace), radix: 16) ?? 0
    let administerSystem: UInt64 = 1 << 21
    return geteuid() == 0 && capabilities & administerSystem != 0
}
