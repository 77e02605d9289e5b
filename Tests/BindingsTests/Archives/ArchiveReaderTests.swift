import Bindings
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ArchiveReaderTests {
    /// Everything in an archive: names with their data, holes as zeros.
    private func contents(of bytes: [UInt8], hashing: Bool = true) async throws -> [(ArchiveEntry, [UInt8])] {
        try await withScratchFolder { folder in
            try await blocking { flag in
                let path = "\(folder)/archive.tar"
                try Files.create(path, bytes)
                return try all(of: ArchiveReader(path, hashing: hashing, until: flag))
            }
        }
    }

    private func all(of archive: ArchiveReader) throws -> [(ArchiveEntry, [UInt8])] {
        var entries: [(ArchiveEntry, [UInt8])] = []
        while let entry = try archive.next() { entries.append((entry, try archive.read(upTo: 1 << 20))) }
        return entries
    }

    private func archive() -> TarBytes {
        var tar = TarBytes()
        tar.folder("folder")
        tar.file("folder/first", "one")
        tar.sparse("holes", size: 5000, [(1000, [1, 2, 3]), (4000, [4])])
        tar.file(String(repeating: "long/", count: 40) + "name", [UInt8](repeating: 9, count: 1024))
        tar.file("empty", "")
        return tar
    }

    @Test(arguments: [true, false]) func entriesComeWithTheirDataAndHoles(hashing: Bool) async throws {
        let entries = try await contents(of: archive().bytes, hashing: hashing)
        #expect(entries.map(\.0.name) == ["folder/", "folder/first", "holes", String(repeating: "long/", count: 40) + "name", "empty"])
        #expect(entries.map(\.0.kind) == [.folder, .file, .file, .file, .file])
        #expect(entries.map(\.0.hasHoles) == [false, false, true, false, false])
        var holes = [UInt8](repeating: 0, count: 5000)
        holes.replaceSubrange(1000..<1003, with: [1, 2, 3])
        holes[4000] = 4
        #expect(entries[1].1 == Array("one".utf8))
        #expect(entries[2].1 == holes)
        #expect(entries[3].1 == [UInt8](repeating: 9, count: 1024))
    }

    @Test func gnuTarAgrees() async throws {
        try await withScratchFolder { folder in
            let made = try await run(
                shell(
                    "cd \(folder) && mkdir in && truncate -s 3M in/holes && printf x | dd of=in/holes bs=1 seek=2000000 conv=notrunc 2>/dev/null"
                        + " && printf hello > in/plain && ln in/plain in/hard && ln -s plain in/soft && tar --format=gnu -S -cf a.tar in"))
            #expect(made.status == .exited(0))
            let entries = try await blocking { flag in
                let archive = try ArchiveReader("\(folder)/a.tar", hashing: true, until: flag)
                var entries: [String: (ArchiveEntry, Int)] = [:]
                while let entry = try archive.next() {
                    var place = 0
                    try archive.forEachPiece { offset, bytes in
                        if let index = bytes.firstIndex(of: UInt8(ascii: "x")) { place = Int(offset) + index }
                    }
                    entries[entry.name] = (entry, place)
                }
                return entries
            }
            #expect(entries["in/holes"]?.0.size == 3 << 20)
            #expect(entries["in/holes"]?.0.hasHoles == true)
            #expect(entries["in/holes"]?.1 == 2_000_000)
            #expect(entries["in/soft"]?.0.kind == .link)
            #expect(entries.values.count { $0.0.kind == .link } == 2, "the soft one, and the second name of the same file")
        }
    }

    @Test(arguments: [true, false]) func aCutAnywhereIsNoticed(hashing: Bool) async throws {
        let bytes = archive().bytes
        try await withScratchFolder { folder in
            for length in Array(0..<bytes.count) where length % 7 == 0 || length % 512 == 0 || bytes.count - length < 1100 {
                try await blocking { flag in
                    let path = "\(folder)/\(length).tar"
                    try Files.create(path, Array(bytes.prefix(length)))
                    #expect(throws: ArchiveError.self, "cut to \(length) of \(bytes.count) bytes") {
                        let archive = try ArchiveReader(path, hashing: hashing, until: flag)
                        while try archive.next() != nil {}
                    }
                    try Files.removeFile(path)
                }
            }
        }
    }

    @Test func whatFollowsTheEndIsNoticed() async throws {
        let bytes = archive().bytes
        for (more, words) in [
            ([UInt8](repeating: 0, count: 10240), nil),
            ([UInt8](repeating: 0, count: 512) + [1] + [UInt8](repeating: 0, count: 511), "something follows its end"),
            ([UInt8](repeating: 0, count: 2 << 20), "something follows its end"),
        ] as [([UInt8], String?)] {
            do {
                _ = try await contents(of: bytes + more)
                #expect(words == nil)
            } catch let error as ArchiveError {
                #expect(words.map { error.description.contains($0) } == true, "\(error)")
            }
        }
    }

    @Test func noArchiveIsNone() async throws {
        for bytes in [[], [1, 2, 3], Array(String(repeating: "text ", count: 300).utf8)] as [[UInt8]] {
            let error = await #expect(throws: ArchiveError.self) { _ = try await contents(of: bytes) }
            #expect(error?.reason == .notAnArchive)
        }
    }

    @Test func anArchiveInsideIsReadOutOfTheOuterOne() async throws {
        var outer = TarBytes()
        outer.file("before", "b")
        outer.file("inner.tar", archive().bytes)
        outer.file("open.tar", archive().entries)
        outer.file("after", "a")
        let bytes = outer.bytes
        try await withScratchFolder { folder in
            try await blocking { flag in
                let path = "\(folder)/outer.tar"
                try Files.create(path, bytes)
                let archive = try ArchiveReader(path, hashing: true, until: flag)
                var names: [String] = []
                while let entry = try archive.next() {
                    names.append(entry.name)
                    if entry.name == "inner.tar" { names += try all(of: archive.archiveInEntry()).map(\.0.name) }
                    if entry.name == "open.tar" {
                        #expect(try all(of: archive.archiveInEntry(ending: .anywhere)).count == 5)
                    }
                }
                #expect(names.count == 9)
                #expect(names.first == "before" && names.last == "after")
                #expect(archive.sha256 == SHA256.hexDigest(of: bytes))
            }
        }
    }

    @Test func anArchiveWithoutItsEndIsNoneWhereOneIsWanted() async throws {
        let entries = archive().entries
        let error = await #expect(throws: ArchiveError.self) { _ = try await contents(of: entries) }
        #expect(error?.reason == .truncated)
        #expect(error?.words == "is cut off: the empty blocks that end an archive are not all there")
    }

    @Test func oneThatHasFailedFailsAgain() async throws {
        let bytes = Array(archive().bytes.prefix(1500))
        try await withScratchFolder { folder in
            try await blocking { flag in
                try Files.create("\(folder)/a.tar", bytes)
                let archive = try ArchiveReader("\(folder)/a.tar", hashing: true, until: flag)
                #expect(throws: ArchiveError.self) { while try archive.next() != nil {} }
                #expect(throws: ArchiveError.self) { try archive.next() }
            }
        }
    }

    @Test func cancellingEndsIt() async throws {
        let bytes = archive().bytes
        try await withScratchFolder { folder in
            try await blocking { _ in
                try Files.create("\(folder)/a.tar", bytes)
                let flag = CancellationFlag()
                let archive = try ArchiveReader("\(folder)/a.tar", hashing: true, until: flag)
                _ = try archive.next()
                flag.raise()
                #expect(throws: CancellationError.self) { try archive.next() }
            }
        }
    }

    /// Four gibibytes on a disk that has none of them, and a file in it that would have eight exbibytes.
    @Test func sizeCostsNeitherMemoryNorSeeking() async throws {
        var head = TarBytes()
        head.sparse("huge", size: Int.max >> 1, [(1 << 50, [1])])
        try await withScratchFolder { folder in
            let path = "\(folder)/a.tar"
            let rest = head.bytes
            try await blocking { _ in try Files.create("\(folder)/rest.tar", rest) }
            let python =
                "import tarfile,sys; t=tarfile.TarInfo('large'); t.size=4<<30; sys.stdout.buffer.write(t.tobuf(tarfile.GNU_FORMAT))"
            let made = try await run(
                shell("python3 -c \"\(python)\" > \(path) && truncate -s $((512 + (4<<30))) \(path) && cat \(folder)/rest.tar >> \(path)"))
            try #require(made.status == .exited(0), "\(made.errorTail)")
            try await blocking { flag in
                let before = anonymousKiB()
                let archive = try ArchiveReader(path, hashing: false, until: flag)
                #expect(try archive.next()?.size == 4 << 30)
                #expect(try archive.next()?.size == Int64(Int.max >> 1))
                var pieces: [Int64] = []
                try archive.forEachPiece { offset, _ in pieces.append(offset) }
                #expect(pieces == [1 << 50])
                #expect(try archive.next() == nil)
                #expect(anonymousKiB() - before < 512 << 10, "other tests need some too")
            }
        }
    }
}
