import CSystem
import Glibc

/// An open file descriptor with one owner, closed once.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// None at all.
    static var none: Descriptor { Descriptor(-1) }
    var isOpen: Bool { number >= 0 }

    deinit { if number >= 0 { close(number) } }

    /// Gives the number away; the caller closes it.
    consuming func take() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens a file for ourselves alone: never inherited by a child that is not meant to have it.
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(ErrorNumber) -> Descriptor {
        while true {
            let number = Glibc.open(path, flags | O_CLOEXEC, mode)
            if number >= 0 { return Descriptor(number) }
            if errno != EINTR { throw .last }
        }
    }

    /// Moves out of the range of the standard streams, where a program started with closed ones may find itself.
    consuming func aboveStreams() throws(ErrorNumber) -> Descriptor {
        if number > 2 { return self }
        let moved = cs_duplicate_above_streams(number)
        guard moved >= 0 else { throw .last }
        return Descriptor(moved)
    }

    /// Writes all of the bytes.
    borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(number, rest.baseAddress, rest.count)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno != EINTR {
                throw .last
            }
        }
    }

    borrowing func write(_ bytes: [UInt8]) throws(ErrorNumber) {
        let failure = bytes.withUnsafeBytes { buffer -> ErrorNumber? in
            do throws(ErrorNumber) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Reads what is there, at most the buffer; 0 is the end.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(ErrorNumber) -> Int {
        while true {
            let count = Glibc.read(number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }
}

/// Both ends of a new pipe, above the standard streams.
struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(ErrorNumber) {
        var ends: (Int32, Int32) = (-1, -1)
        let failure = withUnsafeMutableBytes(of: &ends) { cs_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
        guard failure == 0 else { throw ErrorNumber(failure) }
        reading = Descriptor(ends.0)
        writing = Descriptor(ends.1)
    }

    /// Gives both numbers away; the caller closes them.
    consuming func take() -> (reading: Int32, writing: Int32) { (reading.take(), writing.take()) }
}
