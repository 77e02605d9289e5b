/// A tar archive as GNU tar and Qdrant write it, byte by byte, so that tests can break it where they like.
package struct TarBytes {
    package private(set) var entries: [UInt8] = []

    package init() {}

    /// The whole archive.
    package var bytes: [UInt8] { entries + [UInt8](repeating: 0, count: 1024) }

    package mutating func file(_ name: String, _ content: [UInt8]) {
        header(name, type: "0", size: content.count)
        data(content)
    }

    package mutating func file(_ name: String, _ text: String) { file(name, Array(text.utf8)) }

    package mutating func folder(_ name: String) { header(name + "/", type: "5", size: 0) }

    package mutating func link(_ name: String, to target: String, hard: Bool = false) {
        header(name, type: hard ? "1" : "2", size: 0, link: target)
    }

    package mutating func device(_ name: String) { header(name, type: "3", size: 0) }

    /// A file with holes, up to four pieces of data in it.
    package mutating func sparse(_ name: String, size: Int, _ pieces: [(offset: Int, bytes: [UInt8])]) {
        var map: [(Int, Int)] = pieces.map { ($0.offset, $0.bytes.count) }
        // GNU tar ends the map at the file's end.
        if map.count < 4 { map.append((size, 0)) }
        let content = pieces.flatMap(\.bytes)
        header(name, type: "S", size: content.count, map: map, realSize: size)
        data(content)
    }

    private mutating func data(_ content: [UInt8]) {
        entries += content
        entries += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    private mutating func header(
        _ name: String, type: Unicode.Scalar, size: Int, link: String = "", map: [(Int, Int)] = [], realSize: Int = 0
    ) {
        if name.utf8.count > 100 {
            header("././@LongLink", type: "L", size: name.utf8.count + 1)
            data(Array(name.utf8) + [0])
        }
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Collection<UInt8>, at place: Int) { block.replaceSubrange(place..<place + text.count, with: text) }
        func octal(_ number: Int, width: Int) -> [UInt8] {
            let digits = String(number, radix: 8)
            guard digits.count < width else {
                return [0x80] + (0..<width - 1).reversed().map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> (8 * $0) : 0) }
            }
            return Array((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8)
        }
        put(name.utf8.prefix(100), at: 0)
        put(octal(0o644, width: 8), at: 100)
        put(octal(size, width: 12), at: 124)
        put(octal(0, width: 12), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        block[156] = UInt8(ascii: type)
        put(link.utf8.prefix(100), at: 157)
        put("ustar  ".utf8, at: 257)
        for (index, piece) in map.prefix(4).enumerated() {
            put(octal(piece.0, width: 12), at: 386 + 24 * index)
            put(octal(piece.1, width: 12), at: 398 + 24 * index)
        }
        if type == "S" { put(octal(realSize, width: 12), at: 483) }
        put(octal(block.reduce(0) { $0 + Int($1) }, width: 7), at: 148)
        entries += block
    }
}
