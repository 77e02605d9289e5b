import Bindings
import Testing

@Suite(.timeLimit(.minutes(1))) struct HashingTests {
    @Test func knownDigestsComeOut() {
        #expect(SHA256.hexDigest(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hexDigest(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func piecesGiveTheSameDigestAsTheWhole() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let digest = SHA256()
        digest.update(bytes[..<17])
        #expect(digest.hexDigest() == SHA256.hexDigest(of: Array(bytes[..<17])), "asking in between changes nothing")
        digest.update(Array(bytes[17..<5000]))
        digest.update([])
        digest.update(bytes[5000...])
        #expect(digest.hexDigest() == SHA256.hexDigest(of: bytes))
        #expect(digest.digest().count == 32)
    }

    @Test func aFilesHashIsWhatSha256sumSays() async throws {
        let file = "/usr/bin/bash"
        let expected = try await run(Command("/usr/bin/sha256sum", [file])).outputText.prefix(64)
        let hashed = try await hashFile(file)
        #expect(hashed.sha256 == expected)
        #expect(hashed.bytes == (try Files.status(of: file)?.bytes))
    }

    @Test func hashingAMissingFileNamesIt() async {
        let error = await #expect(throws: FileError.self) { try await hashFile("/no/such") }
        #expect(error?.description == "cannot read /no/such: No such file or directory")
    }

    @Test func hashingCanBeCancelled() async throws {
        try await withScratchFolder { folder in
            // A hole of a terabyte: nobody would wait for its end.
            _ = try await run(Command("/usr/bin/truncate", ["-s", "1T", "\(folder)/huge"]))
            let task = Task { try await hashFile("\(folder)/huge") }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func bytesAreWrittenAsHexadecimal() {
        #expect(hexadecimal([0, 15, 16, 255]) == "000f10ff")
    }
}
