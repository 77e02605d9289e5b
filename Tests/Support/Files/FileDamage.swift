import Bindings
import FoundationEssentials

/// What can happen to a file of a backup.
package enum FileDamage: String, CaseIterable, Sendable {
    case firstBitFlipped, middleBitFlipped, lastBitFlipped, emptied, shortened, lengthened, deleted
    /// It has changed places with another file of the same backup.
    case swapped
    /// The file of another backup lies in its place.
    case replaced
    case becameFolder, becameLink, becamePipe

    /// What it holds afterwards; nil when there is no file any more.
    package func bytes(of original: [UInt8], partner: [UInt8], twin: [UInt8]) -> [UInt8]? {
        switch self {
        case .firstBitFlipped: flipped(original, at: 0)
        case .middleBitFlipped: flipped(original, at: original.count / 2)
        case .lastBitFlipped: flipped(original, at: original.count - 1)
        case .emptied: []
        case .shortened: Array(original.dropLast())
        case .lengthened: original + [UInt8(ascii: "x")]
        case .swapped: partner
        case .replaced: twin
        case .deleted, .becameFolder, .becameLink, .becamePipe: nil
        }
    }

    private func flipped(_ bytes: [UInt8], at index: Int) -> [UInt8] {
        var bytes = bytes
        bytes[index] ^= 1
        return bytes
    }

    /// Does it to a file on a disk.
    ///
    /// - Parameters:
    ///   - partner: a file of the same backup.
    ///   - twin: the same file of another backup.
    package func apply(to path: String, partner: String, twin: String) async throws {
        let original = try await read(path)
        let other = try await read(partner)
        let after = bytes(of: original, partner: other, twin: try await read(twin))
        let manager = FileManager.default
        try manager.removeItem(atPath: path)
        if let after { try await write(after, to: path) }
        switch self {
        case .swapped:
            try manager.removeItem(atPath: partner)
            try await write(original, to: partner)
        case .becameFolder: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .becameLink: try manager.createSymbolicLink(atPath: path, withDestinationPath: twin)
        case .becamePipe: _ = try await Bindings.run(Command("/usr/bin/mkfifo", [path], environment: [:]))
        default: break
        }
    }
}
