/// Cuts the lines of a collection into the bodies of requests: whole lines, at least one, and as many as a budget of bytes allows.
struct RestoreRequests {
    struct Request: Sendable {
        let bytes: [UInt8]
        let tally: LineTally
        /// Counted from 1.
        let firstLine: Int64
        var lastLine: Int64 { firstLine + tally.lines - 1 }
    }

    private let reader: any DumpedLines
    private let collection: String
    private let budget: Int
    private var buffer: [UInt8] = []
    /// What lies before it was handed out.
    private var start = 0
    private var isAtEnd = false
    private var seen: Int64 = 0

    init(_ reader: any DumpedLines, of collection: String, budget: Int) {
        (self.reader, self.collection, self.budget) = (reader, collection, budget)
    }

    /// Nil behind the last line.
    mutating func next() async throws -> Request? {
        while !isAtEnd, buffer.count - start <= budget {
            guard let block = try await reader.next() else {
                isAtEnd = true
                break
            }
            if start == buffer.count {
                (buffer, start) = (block, 0)
            } else {
                buffer.removeSubrange(..<start)
                start = 0
                buffer += block
            }
            if buffer.last != UInt8(ascii: "\n"), !buffer.isEmpty { buffer.append(UInt8(ascii: "\n")) }
        }
        guard start < buffer.count else { return nil }
        let end = cut()
        var tally = LineTally(lines: seen)
        try tally.add(buffer, start..<end, of: collection)
        tally.lines -= seen
        let request = Request(bytes: Array(buffer[start..<end]), tally: tally, firstLine: seen + 1)
        seen += tally.lines
        start = end
        return request
    }

    /// Behind the last line that fits; behind the first, if none does.
    private func cut() -> Int {
        let full = start + budget
        guard full < buffer.count else { return buffer.count }
        if let end = buffer[start..<full].lastIndex(of: UInt8(ascii: "\n")) { return end + 1 }
        return buffer.endOfLine(from: full, before: buffer.count) + 1
    }
}
