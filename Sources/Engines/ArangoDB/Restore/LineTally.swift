import Documents
import Recovery

/// What lines of a dump come to, as they go by.
struct LineTally: Sendable, Equatable {
    /// Lines of every kind.
    var lines: Int64 = 0
    /// Those that hold a document.
    var documents: Int64 = 0
    /// Those that take one away.
    var removals: Int64 = 0
    /// Whether their order matters: envelopes may hold a document more than once.
    var isOrdered = false

    /// - Parameter range: whole lines.
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>, of collection: String) throws {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = bytes.endOfLine(from: start, before: range.upperBound)
            lines += 1
            if bytes.hasPlainStart(at: start, before: end) {
                documents += 1
            } else {
                try addSlowly(bytes, start..<end, of: collection)
            }
            start = end + 1
        }
    }

    private mutating func addSlowly(_ bytes: [UInt8], _ line: Range<Int>, of collection: String) throws {
        switch try DumpedLine.read(bytes, line, number: lines, of: collection) {
        case .blank: return
        case .document(_, let isPlain):
            documents += 1
            if !isPlain { isOrdered = true }
        case .removal:
            removals += 1
            isOrdered = true
        }
    }

    static func += (tally: inout LineTally, other: LineTally) {
        tally.lines += other.lines
        tally.documents += other.documents
        tally.removals += other.removals
        tally.isOrdered = tally.isOrdered || other.isOrdered
    }
}

extension DumpedLine {
    /// The same with a failure in words.
    static func read(_ bytes: [UInt8], _ line: Range<Int>, number: Int64, of collection: String) throws -> DumpedLine {
        do { return try DumpedLine(bytes, line) } catch {
            throw Failure(
                .damaged, "line \(number) of collection '\(collection)' in the dump is no document: \(error.problem)",
                hint: "choose another backup; `lifeboat arangodb verify-dump` tells what else is wrong with this one")
        }
    }
}

extension [UInt8] {
    /// Where the line that begins there ends: at its line break, or at `end`.
    func endOfLine(from start: Int, before end: Int) -> Int {
        let text = span
        var at = start
        while at < end, text[at] != UInt8(ascii: "\n") { at += 1 }
        return at
    }

    fileprivate func hasPlainStart(at start: Int, before end: Int) -> Bool {
        let plain = DumpedLine.plainStart
        guard end - start > plain.count else { return false }
        return (0..<plain.count).allSatisfy { self[start + $0] == plain[$0] }
    }
}
