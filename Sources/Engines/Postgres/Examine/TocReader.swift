import Recovery

/// Reads the numbers and texts of a `toc.dat`. Nothing in it is believed: every length is held against what is left.
struct TocReader {
    private let bytes: [UInt8]
    private(set) var position = 0
    private var integerSize = 4
    private let file: String

    init(_ bytes: [UInt8], named file: String) {
        self.bytes = bytes
        self.file = file
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func integersHave(_ size: Int) throws {
        guard (1...8).contains(size) else { throw damaged("its numbers have \(size) bytes") }
        integerSize = size
    }

    mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw damaged("it ends after \(bytes.count) bytes, in the middle of an entry") }
        defer { position += 1 }
        return bytes[position]
    }

    /// A sign and a magnitude, least significant byte first.
    mutating func integer() throws -> Int {
        let isNegative = try byte() != 0
        var magnitude: UInt64 = 0
        for index in 0..<integerSize { magnitude |= UInt64(try byte()) << (8 * UInt64(index)) }
        guard let value = Int(exactly: magnitude) else { throw damaged("it has a number that is too large") }
        return isNegative ? -value : value
    }

    /// Nil is a missing text, which is not an empty one.
    mutating func text() throws -> String? {
        let length = try integer()
        guard length >= 0 else { return nil }
        guard length <= bytes.count - position else { throw damaged("it ends after \(bytes.count) bytes, in the middle of a text") }
        defer { position += length }
        return String(decoding: bytes[position..<position + length], as: UTF8.self)
    }

    func damaged(_ what: String) -> Failure {
        Failure(.damaged, "part \(file) is damaged: \(what)", hint: "choose another backup; `lifeboat backups list` shows them")
    }
}
