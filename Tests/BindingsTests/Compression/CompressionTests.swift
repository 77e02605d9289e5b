import Bindings
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct CompressionTests {
    /// Neither constant nor random: about a third is left after packing.
    private static let sample: [UInt8] = {
        var state: UInt32 = 1
        return (0..<3_000_000).map { place in
            state = state &* 1_664_525 &+ 1_013_904_223
            return place % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 24) : UInt8(truncatingIfNeeded: place >> 12)
        }
    }()

    @Test(arguments: [Compression.none, .gzip, .zstd]) func whatIsPackedIsUnpackedTheSame(_ compression: Compression) async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/packed"
            try await blocking { _ in
                let writer = try CompressedWriter(creating: path, compression)
                for start in stride(from: 0, to: Self.sample.count, by: 700_000) {
                    try writer.write(Self.sample[start..<min(start + 700_000, Self.sample.count)])
                }
                try writer.finish()
                let reader = try CompressedReader(path, expecting: compression)
                #expect(reader.compression == compression)
                #expect(try unpack(reader) == Self.sample)
            }
        }
    }

    @Test(arguments: [Compression.none, .gzip, .zstd]) func nothingPackedIsNothingUnpacked(_ compression: Compression) async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/packed"
            try await blocking { _ in
                try CompressedWriter(creating: path, compression).finish()
                #expect(try unpack(CompressedReader(path, expecting: compression)).isEmpty)
            }
        }
    }

    @Test(arguments: [(Compression.gzip, "gzip"), (.zstd, "zstd")]) func theUsualToolsReadWhatWeWriteAndWeReadTheirs(
        _ compression: Compression, _ tool: String
    ) async throws {
        try await withScratchFolder { folder in
            let (plain, ours, theirs) = ("\(folder)/plain", "\(folder)/ours", "\(folder)/theirs")
            try await blocking { _ in
                try Files.create(plain, Self.sample)
                let writer = try CompressedWriter(creating: ours, compression)
                try writer.write(Self.sample)
                try writer.finish()
            }
            let compared = try await run(shell("\(tool) -dc < \(ours) | cmp - \(plain) && \(tool) -c < \(plain) > \(theirs)"))
            #expect(compared.status == .exited(0))
            let unpacked = try await blocking { _ in try unpack(CompressedReader(theirs)) }
            #expect(unpacked == Self.sample)
        }
    }

    @Test(arguments: [Compression.gzip, .zstd, .lz4]) func aCutAnywhereIsNoticed(_ compression: Compression) async throws {
        let packed = compression == .lz4 ? lz4(Self.sample.prefix(60_000)) : try pack(Array(Self.sample.prefix(100_000)), compression)
        let lengths = Array(0..<64) + Array(stride(from: 64, to: packed.count, by: 997)) + Array(packed.count - 24..<packed.count)
        await blocking { _ in
            for length in lengths {
                #expect(throws: CompressionError.self, "cut to \(length) of \(packed.count) bytes") {
                    try unpack(reader(of: Array(packed.prefix(length)), expecting: compression))
                }
            }
        }
    }

    @Test func aCutIsSaidToBeOne() async throws {
        for compression in [Compression.gzip, .zstd, .lz4] {
            let packed = compression == .lz4 ? lz4(Self.sample.prefix(60_000)) : try pack(Self.sample, compression)
            let error = #expect(throws: CompressionError.self) { try unpack(reader(of: Array(packed.prefix(packed.count / 2)))) }
            #expect(error?.reason == .truncated)
            #expect(error?.description == "backup is cut off: it ends in the middle of its \(compression) data")
        }
    }

    @Test func damageIsReportedAgainWhenAskedAgain() throws {
        for packed in try [pack(Self.sample, .gzip), pack(Self.sample, .zstd)] {
            let reader = try reader(of: Array(packed.prefix(packed.count / 2)))
            #expect(throws: CompressionError.self) { while try reader.next() != nil {} }
            #expect(throws: CompressionError.self) { try reader.next() }
        }
    }

    @Test func aFlippedBitInGzipIsNoticedWhereverItIs() async throws {
        let packed = try pack(Array(Self.sample.prefix(20_000)), .gzip)
        // The bytes 4 to 9 hold a time and notes for people, which no checksum covers.
        let places = [0, 1, 2] + Array(stride(from: 10, to: packed.count - 8, by: 61)) + Array(packed.count - 8..<packed.count)
        await blocking { _ in
            for place in places {
                var damaged = packed
                damaged[place] ^= 0x10
                #expect(throws: CompressionError.self, "byte \(place) of \(packed.count)") {
                    try unpack(reader(of: damaged, expecting: .gzip))
                }
            }
        }
    }

    @Test func aWrongChecksumAtTheEndOfGzipIsNamed() throws {
        var packed = try pack([1, 2, 3], .gzip)
        packed[packed.count - 8] ^= 1
        let error = #expect(throws: CompressionError.self) { try unpack(reader(of: packed)) }
        #expect(error?.reason == .damaged)
        #expect(error?.description == "backup is damaged: incorrect data check")
    }

    @Test func aFlippedBitInZstdOfTheToolIsNoticed() async throws {
        try await withScratchFolder { folder in
            try Files.create("\(folder)/plain", Array(Self.sample.prefix(20_000)))
            _ = try await run(shell("zstd -q \(folder)/plain"))
            let packed = try Files.read("\(folder)/plain.zst", limit: 1 << 20)
            await blocking { _ in
                for place in stride(from: 12, to: packed.count, by: 61) {
                    var damaged = packed
                    damaged[place] ^= 0x10
                    #expect(throws: CompressionError.self, "byte \(place) of \(packed.count)") {
                        try unpack(reader(of: damaged, expecting: .zstd))
                    }
                }
            }
        }
    }

    @Test func filesStrungTogetherAreReadToTheEnd() throws {
        for packed in try [pack([1, 2], .gzip) + pack([3], .gzip), pack([1, 2], .zstd) + pack([3], .zstd), lz4([1, 2]) + lz4([3])] {
            #expect(try unpack(reader(of: packed)) == [1, 2, 3])
        }
        #expect(try unpack(reader(of: try pack([1, 2], .gzip) + [0, 0, 0])) == [1, 2], "zeros of a tape")
    }

    @Test func whatFollowsAfterTheEndIsDamage() throws {
        for packed in try [pack([1, 2], .gzip), pack([1, 2], .zstd), lz4([1, 2])] {
            #expect(throws: CompressionError.self) { try unpack(reader(of: packed + [9, 9, 9])) }
            #expect(throws: CompressionError.self) { try unpack(reader(of: packed + [UInt8](repeating: 9, count: 1000))) }
        }
    }

    @Test func lz4IsReadAndNotWritten() throws {
        #expect(try unpack(reader(of: lz4([1, 2, 3]), expecting: .lz4)) == [1, 2, 3])
        #expect(try unpack(reader(of: lz4([]), expecting: .lz4)) == [])
        let error = #expect(throws: CompressionError.self) { try pack([1], .lz4) }
        #expect(error?.description == "backup cannot be packed as lz4: we only read that")
    }

    @Test func skippableFramesAreSkipped() throws {
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 7, 7, 7]
        #expect(try unpack(reader(of: try pack([1, 2], .zstd) + skippable + pack([3], .zstd))) == [1, 2, 3])
    }

    @Test func piecesMayBeOfAnySize() throws {
        let sample = Array(Self.sample.prefix(5000))
        for packed in try [pack(sample, .gzip), pack(sample, .zstd), lz4(sample[...])] {
            let rest = Rest(packed)
            #expect(try unpack(CompressedReader(named: "backup") { rest.next() }) == sample)
        }
    }

    @Test func dataThatIsNotWhatItShouldBeIsRefused() throws {
        let error = #expect(throws: CompressionError.self) { try reader(of: try pack([1], .zstd), expecting: .gzip) }
        #expect(error?.reason == .unexpected)
        #expect(error?.description == "backup is no gzip data (zstd)")
        let empty = #expect(throws: CompressionError.self) { try reader(of: [], expecting: .zstd) }
        #expect(empty?.description == "backup is empty, and should be zstd data")
    }

    @Test func highlyPackedDataComesInPiecesOfBoundedSize() throws {
        let zeros = [UInt8](repeating: 0, count: 20_000_000)
        for compression in [Compression.gzip, .zstd] {
            let packed = try pack(zeros, compression)
            #expect(packed.count < 100_000)
            let reader = try reader(of: packed)
            var bytes = 0
            while let piece = try reader.next() {
                #expect(piece.count <= 1 << 20)
                bytes += piece.count
            }
            #expect(bytes == zeros.count)
        }
    }

    @Test func anErrorOfTheSourceOrTheSinkIsTheOneReported() throws {
        struct Unplugged: Error, Equatable {}
        let packed = try pack(Self.sample, .zstd)
        let once = Once()
        #expect(throws: Unplugged()) {
            try unpack(
                CompressedReader(named: "backup") {
                    guard once.isFirst else { throw Unplugged() }
                    return Array(packed.prefix(1000))
                })
        }
        #expect(throws: Unplugged()) {
            let writer = try CompressedWriter(named: "backup", .zstd) { (_: [UInt8]) in throw Unplugged() }
            try writer.write(Self.sample)
            try writer.finish()
        }
    }

    @Test func whatIsNotFinishedIsNotThere() async throws {
        try await withScratchFolder { folder in
            var writer: CompressedWriter? = try CompressedWriter(creating: "\(folder)/packed", .gzip)
            try writer?.write([1, 2, 3])
            writer = nil
            #expect(!exists("\(folder)/packed"))
            try Files.create("\(folder)/packed", [])
            #expect(#expect(throws: FileError.self) { try CompressedWriter(creating: "\(folder)/packed") }?.reason == .exists)
        }
    }
}

private func pack(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
    let packed = Bytes()
    let writer = try CompressedWriter(named: "backup", compression) { packed.append($0) }
    try writer.write(bytes)
    try writer.finish()
    return packed.all
}

private func reader(of bytes: [UInt8], expecting expected: Compression? = nil) throws -> CompressedReader {
    let once = Once()
    return try CompressedReader(named: "backup", expecting: expected) { once.isFirst && !bytes.isEmpty ? bytes : nil }
}

@discardableResult
private func unpack(_ reader: CompressedReader) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = try reader.next() { bytes += piece }
    return bytes
}

private final class Bytes: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    var all: [UInt8] { bytes.withLock { $0 } }
    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
}

private final class Once: Sendable {
    private let asked = Atomic(false)
    var isFirst: Bool { !asked.exchange(true, ordering: .relaxed) }
}

/// One frame with one block that is not packed; at most 64 KiB.
private func lz4(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var frame: [UInt8] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
    if !bytes.isEmpty { frame += littleEndian(UInt32(bytes.count) | 0x8000_0000) + bytes }
    return frame + littleEndian(0)
}

private func littleEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

/// Hands bytes out one by one.
private final class Rest: Sendable {
    private let bytes: Mutex<ArraySlice<UInt8>>
    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes[...]) }
    func next() -> [UInt8]? { bytes.withLock { $0.popFirst().map { [$0] } } }
}
