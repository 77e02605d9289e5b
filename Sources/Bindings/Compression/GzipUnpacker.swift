import CZlib
import Synchronization

/// gzip by zlib itself: libarchive 3.6 reads over the checksum at the end without looking at it.
final class GzipUnpacker: Unpacker, @unchecked Sendable {
    // Unchecked: everything below is only touched in `turn`.
    private let turn = Mutex(())
    private let name: String
    private let source: PackedSource
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var position = 0
    /// Between two members, where the data may end.
    private var isBetweenMembers = false
    private var isAtEnd = false
    /// The last piece was full: zlib may hold back more without any new input.
    private var isHoldingBack = false

    init(_ name: String, _ source: PackedSource) throws {
        self.name = name
        self.source = source
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 31: the largest window, and gzip's own header and trailer.
        guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw CompressionError(.failed, name, "cannot be unpacked: zlib has no memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func next() throws -> [UInt8]? {
        try turn.withLock { _ in
            while !isAtEnd {
                if position == input.count, let more = try source.next() { (input, position) = (more, 0) }
                if isBetweenMembers {
                    guard try beginsAnotherMember() else { break }
                } else if position == input.count, !isHoldingBack {
                    throw CompressionError(.truncated, name, "is cut off: it ends in the middle of its gzip data")
                }
                let piece = try inflatePiece()
                if !piece.isEmpty { return piece }
            }
            isAtEnd = true
            return nil
        }
    }

    /// gzip files may be strung together, and tapes leave zeros behind. Anything else after the end is damage.
    private func beginsAnotherMember() throws -> Bool {
        while true {
            while position < input.count, input[position] == 0 { position += 1 }
            if position < input.count { break }
            guard let more = try source.next() else { return false }
            (input, position) = (more, 0)
        }
        inflateReset(stream)
        isBetweenMembers = false
        return true
    }

    private func inflatePiece() throws -> [UInt8] {
        var result = Z_OK
        let given = input.count - position
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { output, count in
            input.withUnsafeMutableBufferPointer { packed in
                stream.pointee.next_in = packed.baseAddress.map { $0 + position }
                stream.pointee.avail_in = UInt32(given)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                result = inflate(stream, Z_NO_FLUSH)
            }
            count = output.count - Int(stream.pointee.avail_out)
        }
        position += given - Int(stream.pointee.avail_in)
        isHoldingBack = stream.pointee.avail_out == 0
        switch result {
        case Z_STREAM_END: isBetweenMembers = true
        case Z_OK, Z_BUF_ERROR: break
        default:
            let why = stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"
            throw CompressionError(.damaged, name, "is damaged: \(why)")
        }
        return piece
    }
}
