/// Follows the frames of zstd or lz4 data without unpacking them, to know whether the data ends where a frame ends.
///
/// libarchive 3.6 takes data that is cut off, or damaged at its beginning, for data that is empty.
struct FrameWalker {
    enum Damage: Error { case notAFrame }

    private enum Expected {
        case magic
        case skippableSize
        case zstdDescriptor
        case zstdBlock
        case lz4Descriptor
        case lz4Block
        /// Bytes that do not matter here, and what comes after them.
        indirect case content(then: Expected)
    }
    private var expected = Expected.magic
    private var missing = 4
    private var collected: UInt32 = 0
    private var collectedCount = 0
    /// Of the frame we are in: bytes of checksums after each block and after the last.
    private var blockChecksum = 0
    private var frameChecksum = 0

    /// Whether anything but empty blocks was seen.
    private(set) var holdsContent = false
    /// Whether the data may end here.
    var isBetweenFrames: Bool { if case .magic = expected { missing == 4 } else { false } }

    mutating func walk(_ bytes: [UInt8]) throws(Damage) {
        var place = 0
        while place < bytes.count {
            if case .content(let next) = expected {
                let passed = min(missing, bytes.count - place)
                place += passed
                missing -= passed
                if missing == 0 { expect(next) }
                continue
            }
            collected |= UInt32(bytes[place]) << (8 * collectedCount)
            collectedCount += 1
            place += 1
            missing -= 1
            if missing == 0 { try take(collected) }
        }
    }

    private mutating func expect(_ next: Expected) {
        expected = next
        collected = 0
        collectedCount = 0
        missing =
            switch next {
            case .magic, .skippableSize, .lz4Block: 4
            case .zstdBlock: 3
            case .lz4Descriptor: 2
            case .zstdDescriptor: 1
            case .content: 0
            }
    }

    private mutating func skip(_ count: Int, then next: Expected) {
        guard count > 0 else { return expect(next) }
        expect(.content(then: next))
        missing = count
    }

    private mutating func take(_ value: UInt32) throws(Damage) {
        switch expected {
        case .magic:
            switch value {
            case 0xfd2f_b528: expect(.zstdDescriptor)
            case 0x184d_2204: expect(.lz4Descriptor)
            case 0x184d_2a50...0x184d_2a5f: expect(.skippableSize)
            default: throw .notAFrame
            }
        case .skippableSize: skip(Int(value), then: .magic)
        case .zstdDescriptor: takeZstdDescriptor(value)
        case .zstdBlock: try takeZstdBlock(value)
        case .lz4Descriptor: takeLZ4Descriptor(value)
        case .lz4Block: takeLZ4Block(value)
        case .content: break
        }
    }

    private mutating func takeZstdDescriptor(_ value: UInt32) {
        let isSingleSegment = value & 0x20 != 0
        let window = isSingleSegment ? 0 : 1
        let dictionary = [0, 1, 2, 4][Int(value & 3)]
        let contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(value >> 6)]
        frameChecksum = value & 4 != 0 ? 4 : 0
        skip(window + dictionary + contentSize, then: .zstdBlock)
    }

    private mutating func takeZstdBlock(_ value: UInt32) throws(Damage) {
        let (isLast, kind, size) = (value & 1 != 0, value >> 1 & 3, Int(value >> 3))
        guard kind < 3 else { throw .notAFrame }
        if size > 0 { holdsContent = true }
        let stored = kind == 1 ? 1 : size  // one byte, repeated
        skip(isLast ? stored + frameChecksum : stored, then: isLast ? .magic : .zstdBlock)
    }

    private mutating func takeLZ4Descriptor(_ value: UInt32) {
        let contentSize = value & 0x08 != 0 ? 8 : 0
        let dictionary = value & 0x01 != 0 ? 4 : 0
        blockChecksum = value & 0x10 != 0 ? 4 : 0
        frameChecksum = value & 0x04 != 0 ? 4 : 0
        skip(contentSize + dictionary + 1, then: .lz4Block)
    }

    private mutating func takeLZ4Block(_ value: UInt32) {
        if value == 0 { return skip(frameChecksum, then: .magic) }
        holdsContent = true
        skip(Int(value & 0x7fff_ffff) + blockChecksum, then: .lz4Block)
    }
}
