import Bindings
import Testing

@Suite(.timeLimit(.minutes(1))) struct AppendFileTests {
    @Test func whatIsAppendedStaysInOrder() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/journal"
            let file = try AppendFile.create(path)
            try file.append([1, 2])
            try file.append([3])
            try file.sync()
            let again = try AppendFile.open(path)
            try again.append([4])
            #expect(try again.size() == 4)
            #expect(try Files.read(path, limit: 10) == [1, 2, 3, 4])
        }
    }

    @Test func creatingNeedsAFreeNameAndOpeningAFile() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/journal"
            #expect(#expect(throws: FileError.self) { try AppendFile.open(path) }?.reason == .missing)
            _ = try AppendFile.create(path)
            #expect(#expect(throws: FileError.self) { try AppendFile.create(path) }?.reason == .exists)
        }
    }

    @Test func reservingRoomDoesNotChangeTheSize() async throws {
        try await withScratchFolder { folder in
            let file = try AppendFile.create("\(folder)/journal")
            try file.append([1])
            try #require(try file.reserve(1 << 20), "the file system of /tmp cannot reserve")
            #expect(try file.size() == 1)
            let blocks = try await run(Command("/usr/bin/stat", ["-c", "%b", "\(folder)/journal"])).outputText.trimmed
            #expect(try #require(Int(blocks)) * 512 >= 1 << 20)
            try file.append([2])
            #expect(try Files.read("\(folder)/journal", limit: 10) == [1, 2])
        }
    }

    @Test func aTornTailIsCutOff() async throws {
        try await withScratchFolder { folder in
            let file = try AppendFile.create("\(folder)/journal")
            try file.append(Array("whole\nto".utf8))
            try file.truncate(to: 6)
            try file.append(Array("next\n".utf8))
            #expect(try Files.read("\(folder)/journal", limit: 100) == Array("whole\nnext\n".utf8))
        }
    }
}
