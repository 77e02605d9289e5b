import Recovery

/// Takes apart what an engine sends of a container's two streams: frames of `[stream, 0, 0, 0, length]`, cut anywhere.
struct DockerFrames: Sendable {
    enum Stream: Sendable {
        case output
        case errors

        fileprivate init?(sentAs number: UInt8) {
            switch number {
            // 0 is what goes in, and comes back in the logs of some engines.
            case 0, 1: self = .output
            // 3 is the engine itself, telling why there is no more.
            case 2, 3: self = .errors
            default: return nil
            }
        }
    }

    private var header: [UInt8] = []
    private var stream = Stream.output
    private var left = 0

    /// The pieces in these bytes, in order. Throws when they are not framed.
    mutating func take(_ bytes: [UInt8]) throws -> [(stream: Stream, bytes: ArraySlice<UInt8>)] {
        var pieces: [(stream: Stream, bytes: ArraySlice<UInt8>)] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard left == 0 else {
                let piece = rest.prefix(left)
                pieces.append((stream, piece))
                left -= piece.count
                rest = rest.dropFirst(piece.count)
                continue
            }
            let missing = rest.prefix(8 - header.count)
            header += missing
            rest = rest.dropFirst(missing.count)
            guard header.count == 8 else { continue }
            guard let known = Stream(sentAs: header[0]), header[1...3].allSatisfy({ $0 == 0 }) else {
                throw Failure(.environmentUnavailable, "the container engine sent a container's output in a form that is not known")
            }
            stream = known
            left = header[4...].reduce(0) { $0 << 8 | Int($1) }
            header = []
        }
        return pieces
    }

    /// Throws when the stream ended in the middle of a frame.
    func end() throws {
        guard left == 0, header.isEmpty else {
            throw Failure(.environmentUnavailable, "the container engine broke off in the middle of a container's output")
        }
    }
}
