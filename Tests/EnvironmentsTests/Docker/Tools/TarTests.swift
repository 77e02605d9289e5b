import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Archives as the engine takes and gives them.
@Suite(.timeLimit(.minutes(1))) struct TarTests {
    private static func archive(_ entries: (TarHeader, [UInt8])...) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for (header, content) in entries {
            bytes += try #require(header.encoded) + content + [UInt8](repeating: 0, count: header.padding)
        }
        return bytes + TarHeader.end
    }

    /// Takes it in pieces of so many bytes. Returns the files.
    private func unpacked(_ archive: [UInt8], inPiecesOf size: Int) async throws -> [String: [UInt8]] {
        try await withTemporaryFolder { folder in
            let target = TarFolder("dump", into: "\(folder)/dump")
            try await target.open()
            do {
                var rest = archive[...]
                while !rest.isEmpty {
                    try await target.take(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                try await target.end()
            } catch {
                await target.abort()
                throw error
            }
            return try await blocking { _ in
                var files: [String: [UInt8]] = [:]
                for file in try Files.list("\(folder)/dump") {
                    files[file.name] = try Files.read("\(folder)/dump/\(file.name)", limit: 1 << 20)
                }
                return files
            }
        }
    }

    private static let folder = TarHeader(name: "dump/", kind: .folder, mode: 0o700)
    private static func file(_ name: String, _ content: [UInt8]) -> (TarHeader, [UInt8]) {
        (TarHeader(name: name, bytes: Int64(content.count)), content)
    }

    @Test(arguments: [1, 511, 512, 513, 100_000]) func comesOutAsItWentInWhereverItIsCut(size: Int) async throws {
        let odd = [UInt8](repeating: 7, count: 1000)
        let even = [UInt8](repeating: 9, count: 1024)
        let archive = try Self.archive((Self.folder, []), Self.file("dump/a", odd), Self.file("dump/none", []), Self.file("dump/b", even))
        #expect(try await unpacked(archive, inPiecesOf: size) == ["a": odd, "none": [], "b": even])
    }

    @Test(arguments: [0, 1, 0o777, 8_589_934_591, 8_589_934_592, 1 << 45]) func aHeadSaysTheSameBothWays(bytes: Int64) throws {
        let header = TarHeader(name: "dump/3350.dat.gz", bytes: bytes, mode: 0o600, uid: 0, gid: 0)
        let block = try #require(header.encoded)
        let read = try #require(TarHeader(block))
        #expect(read.name == header.name)
        #expect(read.bytes == bytes)
        #expect(read.kind == .file)
    }

    @Test func whatSaysMoreOfTheNextEntryCounts() async throws {
        let content: [UInt8] = [1, 2, 3]
        let lines = Array("14 path=dump/x\n9 size=3\n".replacing("14 path", with: "15 path").replacing("9 size", with: "10 size").utf8)
        var extended = try #require(TarHeader(name: "PaxHeaders/x", bytes: Int64(lines.count)).encoded)
        // Its sum is mended for the other kind.
        let sum = Int(String(decoding: extended[148..<154], as: UTF8.self), radix: 8) ?? 0
        extended[156] = UInt8(ascii: "x")
        let mended = String(sum + Int(UInt8(ascii: "x")) - Int(UInt8(ascii: "0")), radix: 8)
        extended.replaceSubrange(148..<154, with: Array((String(repeating: "0", count: 6 - mended.utf8.count) + mended).utf8))
        let padding = [UInt8](repeating: 0, count: 512 - lines.count)
        let head = try #require(TarHeader(name: "dump/y", bytes: 3).encoded)
        let archive = extended + lines + padding + head + content + [UInt8](repeating: 0, count: 509) + TarHeader.end
        #expect(try await unpacked(archive, inPiecesOf: 100) == ["x": content])
    }

    @Test func whatLiesElsewhereOrIsNoFileIsRefused() async throws {
        for name in ["dump/../x", "x", "dump/a/b", "/dump/a", "dump/..", "dump/"] {
            let archive = try Self.archive((Self.folder, []), Self.file(name, [1]))
            let failure = await #expect(throws: Failure.self, "\(name)") { try await unpacked(archive, inPiecesOf: 512) }
            #expect(failure?.kind == .environmentUnavailable)
        }
        var link = try #require(TarHeader(name: "dump/a").encoded)
        link[156] = UInt8(ascii: "2")
        link[153] = 32
        await #expect(throws: Failure.self) { try await unpacked(link + TarHeader.end, inPiecesOf: 512) }
    }

    @Test func oneThatBreaksOffIsRefused() async throws {
        let archive = try Self.archive((Self.folder, []), Self.file("dump/a", [UInt8](repeating: 7, count: 600)))
        for count in [0, 512, 1024, 1500, 2048] {
            await #expect(throws: Failure.self, "\(count) bytes") { try await unpacked(Array(archive.prefix(count)), inPiecesOf: 512) }
        }
    }
}
