import Recovery
import Stores
import Testing

@Suite struct CryptoDigestsTests {
    static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func theDigestIsSHA256InLowerCase() {
        #expect(CryptoDigests().sha256(Array("abc".utf8)) == Self.abc)
    }

    @Test func feedingInPiecesGivesTheSame() {
        let digest = CryptoDigests().makeDigest()
        for byte in Array("abc".utf8) { digest.update([byte]) }
        #expect(digest.finish() == Self.abc)
    }

    @Test func randomNamesDifferAndAreSafeInFileNames() {
        let names = Set((0..<100).map { _ in CryptoDigests().randomName(12) })
        #expect(names.count == 100)
        #expect(names.allSatisfy { $0.count == 12 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    }
}
