import Recovery

/// How many documents are left when all lines of a collection were taken in their order: each key once, and none that was taken away last.
///
/// Read in several passes, each of which looks at a part of the keys, so that memory stays flat. It is asked for only when a server has
/// another number than the dump has lines: then some keys are in it more than once, or documents are missing, and this tells which.
enum DocumentsLeft {
    private static let keysPerPass: Int64 = 500_000

    static func count(_ collection: RestorableCollection, in source: any DumpedDatabaseSource, lines: Int64) async throws -> Int64 {
        let passes = UInt64(max(1, (lines + keysPerPass - 1) / keysPerPass))
        var left: Int64 = 0
        for pass in 0..<passes {
            guard let reader = try await source.lines(of: collection) else { return 0 }
            do { left += try await count(reader, of: collection.name) { $0.fingerprint % passes == pass } } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        }
        return left
    }

    private static func count(_ reader: any DumpedLines, of name: String, where isOurs: ([UInt8]) -> Bool) async throws -> Int64 {
        var keys: Set<[UInt8]> = []
        var number: Int64 = 0
        while let bytes = try await reader.next() {
            try Task.checkCancellation()
            var start = 0
            while start < bytes.count {
                let end = bytes.endOfLine(from: start, before: bytes.count)
                number += 1
                switch try DumpedLine.read(bytes, start..<end, number: number, of: name) {
                case .blank: break
                case .document(let key, _): if isOurs(key) { keys.insert(key) }
                case .removal(let key): if isOurs(key) { keys.remove(key) }
                }
                start = end + 1
            }
        }
        return Int64(keys.count)
    }
}

extension [UInt8] {
    /// The same in every pass (FNV-1a).
    fileprivate var fingerprint: UInt64 { reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }
}
