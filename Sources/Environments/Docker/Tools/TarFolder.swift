import Bindings
import Recovery

/// Writes the files of one folder out of a tar archive, piece by piece, into a new folder of this machine. Anything that is not a plain
/// file right inside that folder is refused.
actor TarFolder {
    private let folder: String
    private let name: String
    private var head: [UInt8] = []
    private var writer: FileWriter?
    private var left: Int64 = 0
    private var padding = 0
    private var extended: [UInt8]?
    private var size: Int64?
    private var path: String?
    private var isAtEnd = false

    /// - Parameters:
    ///   - name: of the folder in the archive.
    ///   - folder: where its files go; is made by `open`.
    init(_ name: String, into folder: String) {
        self.name = name
        self.folder = folder
    }

    func open() async throws {
        try await storing { [folder] in try await blocking { _ throws(FileError) in try Files.makeFolder(folder) } }
    }

    func take(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let piece = rest.prefix(Int(min(left, Int64(rest.count))))
                rest = rest.dropFirst(piece.count)
                left -= Int64(piece.count)
                if extended != nil { extended?.append(contentsOf: piece) }
                if let writer {
                    try await storing { [content = Array(piece)] in
                        try await blocking { _ throws(FileError) in try writer.write(content) }
                    }
                }
                if left == 0 { try await endOfContent() }
            } else if padding > 0 {
                let skipped = min(padding, rest.count)
                padding -= skipped
                rest = rest.dropFirst(skipped)
            } else {
                let piece = rest.prefix(TarHeader.block - head.count)
                head += piece
                rest = rest.dropFirst(piece.count)
                if head.count == TarHeader.block { try await begin() }
            }
        }
    }

    /// Throws when the archive was cut off.
    func end() throws {
        guard isAtEnd, left == 0 else { throw strange("it broke off") }
    }

    /// Closes what is half written.
    func abort() async { if let writer { await blocking { _ in writer.abort() } } }

    private func begin() async throws {
        defer { head = [] }
        if head.allSatisfy({ $0 == 0 }) {
            isAtEnd = true
            return
        }
        guard !isAtEnd, var header = TarHeader(head) else { throw strange("it is not one") }
        if header.kind == .extended {
            guard header.bytes <= 1 << 16 else { throw strange("it is not one") }
            extended = []
        } else {
            if let size { header.bytes = size }
            if let path { header.name = path }
            (size, path) = (nil, nil)
        }
        (left, padding) = (header.bytes, header.padding)
        switch header.kind {
        case .extended: break
        case .folder where header.name == name || header.name == "\(name)/": break
        case .file:
            let parts = header.name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == name, !parts[1].isEmpty, parts[1] != ".", parts[1] != ".." else {
                throw strange("it holds '\(header.name)'")
            }
            let file = "\(folder)/\(parts[1])"
            writer = try await storing { try await blocking { _ throws(FileError) in try FileWriter(creating: file) } }
        case .folder, .other: throw strange("it holds '\(header.name)', which is no plain file")
        }
        if left == 0 { try await endOfContent() }
    }

    private func endOfContent() async throws {
        if let extended { try take(extended: extended) }
        extended = nil
        guard let writer else { return }
        self.writer = nil
        try await storing { try await blocking { _ throws(FileError) in try writer.finish() } }
    }

    /// Lines like `20 size=8589934592`, each with its own length before it.
    private func take(extended lines: [UInt8]) throws {
        var rest = lines[...]
        while let space = rest.firstIndex(of: 32), let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
            length > space - rest.startIndex + 1, length <= rest.count
        {
            let line = String(decoding: rest[(space + 1)..<(rest.startIndex + length - 1)], as: UTF8.self)
            rest = rest.dropFirst(length)
            if line.hasPrefix("size=") { size = Int64(line.dropFirst(5)) }
            if line.hasPrefix("path=") { path = String(line.dropFirst(5)) }
        }
    }

    private func strange(_ why: String) -> Failure {
        Failure(.environmentUnavailable, "the container engine sent something else than the archive that it was asked for: \(why)")
    }

    private func storing<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot write what comes out of the container into \(folder)", hint: "check the disk of the store",
                cause: error)
        }
    }
}
