import Recovery
import Testing

@testable import Environments

@Suite struct DockerFramesTests {
    private static func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let length = UInt32(text.utf8.count)
        return [stream, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * (3 - $0))) } + Array(text.utf8)
    }

    private static let long = String(repeating: "long ", count: 200)
    private static let sent = frame(1, "out") + frame(2, "err") + frame(1, "") + frame(1, long) + frame(0, "in") + frame(3, "engine")

    /// What both streams hold, and whether it ended well.
    private func taken(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        var frames = DockerFrames()
        var streams: [DockerFrames.Stream: [UInt8]] = [:]
        for piece in pieces {
            for (stream, bytes) in try frames.take(Array(piece)) { streams[stream, default: []] += bytes }
        }
        try frames.end()
        return [.output, .errors].map { String(decoding: streams[$0] ?? [], as: UTF8.self) }
    }

    private let expected = ["out\(long)in", "errengine"]

    @Test func framesMayBeCutAnywhere() throws {
        let sent = Self.sent
        #expect(try taken([sent[...]]) == expected)
        #expect(try taken(sent.indices.map { sent[$0...$0] }) == expected)
        for cut in 0...sent.count { #expect(try taken([sent[..<cut], sent[cut...]]) == expected, "cut at \(cut)") }
        for size in 2...17 {
            let pieces = stride(from: 0, to: sent.count, by: size).map { sent[$0..<min($0 + size, sent.count)] }
            #expect(try taken(pieces) == expected, "pieces of \(size)")
        }
    }

    @Test func anEndInTheMiddleOfAFrameIsNoEnd() throws {
        var ends = [0]
        for text in ["out", "err", "", Self.long, "in", "engine"] { ends.append((ends.last ?? 0) + 8 + text.utf8.count) }
        for cut in 0..<Self.sent.count where !ends.contains(cut) {
            let failure = #expect(throws: Failure.self) { try taken([Self.sent[..<cut]]) }
            #expect(failure?.problem == "the container engine broke off in the middle of a container's output", "after \(cut)")
        }
        for cut in ends { #expect(throws: Never.self) { try taken([Self.sent[..<cut]]) } }
    }

    @Test(arguments: ["hello, world", "\u{1}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}x", "\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}x"])
    func whatIsNotFramedIsRefused(text: String) {
        let failure = #expect(throws: Failure.self) { try taken([Array(text.utf8)[...]]) }
        #expect(failure?.kind == .environmentUnavailable)
        #expect(failure?.problem == "the container engine sent a container's output in a form that is not known")
    }

    @Test func aLengthOfAllFourBytesIsBelieved() throws {
        var frames = DockerFrames()
        _ = try frames.take([1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        let pieces = try frames.take([UInt8](repeating: 7, count: 1 << 20))
        #expect(pieces.map(\.bytes.count) == [1 << 20])
        #expect(throws: Failure.self) { try frames.end() }
    }
}
