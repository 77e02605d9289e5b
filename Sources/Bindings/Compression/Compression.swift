/// How the bytes of a file are packed.
package enum Compression: String, Sendable, Hashable, CaseIterable {
    case none
    case gzip
    case zstd
    case lz4

    /// What the first bytes say; `.none` if they say nothing.
    package init(startingWith bytes: [UInt8]) {
        self =
            switch (bytes.first, bytes.dropFirst().first, bytes.dropFirst(2).first, bytes.dropFirst(3).first) {
            case (0x1f, 0x8b, _, _): .gzip
            case (0x28, 0xb5, 0x2f, 0xfd): .zstd
            case (0x04, 0x22, 0x4d, 0x18): .lz4
            default: .none
            }
    }
}
