import Bindings
import Recovery

/// Reads the lines of one collection out of the files of a dump, one after the other, in constant memory.
actor DumpFileLines: DumpedLines {
    private var waiting: ArraySlice<String>
    private let collection: String
    private let expected: Compression?
    private let whenClosed: @Sendable () async -> Void
    private var reader: CompressedReader?
    private var rest: [UInt8] = []

    /// Requests of more bytes are refused by every server (contract 14).
    private static let longestLine = 1 << 30

    /// - Parameters:
    ///   - paths: packed with gzip, or plain.
    ///   - expected: how their names say that they are packed: one that was cut down to nothing looks plain.
    ///   - whenClosed: gives back what the paths stand for.
    init(
        _ paths: [String], of collection: String, expecting expected: Compression? = nil,
        whenClosed: @escaping @Sendable () async -> Void = {}
    ) {
        (waiting, self.collection, self.expected, self.whenClosed) = (paths[...], collection, expected, whenClosed)
    }

    func next() async throws -> [UInt8]? {
        while true {
            guard let reader else {
                guard let path = waiting.popFirst() else { return nil }
                do { self.reader = try await blocking { [expected] _ in try CompressedReader(path, expecting: expected) } } catch {
                    throw damaged(error)
                }
                continue
            }
            let piece: [UInt8]?
            do { piece = try await blocking { _ in try reader.next() } } catch { throw damaged(error) }
            guard let piece else {
                self.reader = nil
                guard rest.isEmpty else { throw damaged("its last line is cut off" as PlainReason) }
                continue
            }
            rest += piece
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
                guard rest.count <= Self.longestLine else { throw damaged("it has a line without an end" as PlainReason) }
                continue
            }
            let lines = Array(rest[...end])
            rest.removeSubrange(...end)
            return lines
        }
    }

    func close() async {
        reader = nil
        await whenClosed()
    }

    private func damaged(_ error: any Error) -> Failure {
        Failure(
            .damaged, "the documents of collection '\(collection)' in the dump cannot be read",
            hint: "choose another backup; `lifeboat arangodb verify-dump` tells what else is wrong with this one",
            cause: "\(error)" as PlainReason)
    }
}
