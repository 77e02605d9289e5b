/// Heads of the entries of a tar archive, as the engine takes and gives them.
struct TarHeader: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case file
        case folder
        /// What says more of the entry after it (PAX).
        case extended
        case other(UInt8)
    }

    var name: String
    var kind: Kind
    var bytes: Int64
    var mode: Int = 0o600
    var uid = 0
    var gid = 0

    static let block = 512

    /// What follows the content, so that the next entry begins at a block.
    var padding: Int { Int((Int64(Self.block) - bytes % Int64(Self.block)) % Int64(Self.block)) }
    /// Closes an archive.
    static let end = [UInt8](repeating: 0, count: 2 * block)

    init(name: String, kind: Kind = .file, bytes: Int64 = 0, mode: Int = 0o600, uid: Int = 0, gid: Int = 0) {
        self.name = name
        self.kind = kind
        self.bytes = bytes
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    /// One block, in the form of 1988 with GNU's way of writing large numbers. Nil for a name of more than 100 bytes.
    var encoded: [UInt8]? {
        let path = Array(name.utf8)
        guard path.count <= 100 else { return nil }
        var block = [UInt8](repeating: 0, count: Self.block)
        func put(_ bytes: [UInt8], at offset: Int) { block.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        put(path, at: 0)
        put(Self.number(Int64(mode), width: 8), at: 100)
        put(Self.number(Int64(uid), width: 8), at: 108)
        put(Self.number(Int64(gid), width: 8), at: 116)
        put(Self.number(bytes, width: 12), at: 124)
        put(Self.number(0, width: 12), at: 136)
        put(Array(repeating: 32, count: 8), at: 148)
        block[156] = kind == .folder ? UInt8(ascii: "5") : UInt8(ascii: "0")
        put(Array("ustar\0".utf8) + Array("00".utf8), at: 257)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(Self.number(Int64(sum), width: 7) + [32], at: 148)
        return block
    }

    private static func number(_ value: Int64, width: Int) -> [UInt8] {
        let digits = String(value, radix: 8)
        guard digits.utf8.count >= width else {
            return Array((String(repeating: "0", count: width - 1 - digits.utf8.count) + digits).utf8) + [0]
        }
        var bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> Int64(8 * (width - 1 - $0))) }
        bytes[0] = 0x80
        return bytes
    }

    /// Nil for what is no head.
    init?(_ block: [UInt8]) {
        guard block.count == Self.block, let sum = Self.read(block[148..<156]) else { return nil }
        let blank = block[..<148].reduce(0) { $0 + Int64($1) } + 8 * 32 + block[156...].reduce(0) { $0 + Int64($1) }
        guard sum == blank, let bytes = Self.read(block[124..<136]), bytes >= 0 else { return nil }
        self.init(name: Self.text(block[..<100]), bytes: bytes)
        let prefix = Self.text(block[345..<500])
        if block[257..<262].elementsEqual("ustar".utf8), block[262] == 0, !prefix.isEmpty { name = "\(prefix)/\(name)" }
        switch block[156] {
        case 0, UInt8(ascii: "0"): kind = .file
        case UInt8(ascii: "5"): kind = .folder
        case UInt8(ascii: "x"): kind = .extended
        case let other: kind = .other(other)
        }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }

    private static func read(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 { return field.dropFirst().suffix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
