/// Reads a journal back, after the process that wrote it may have died in the middle of a line.
package enum JournalReader {
    package struct Contents: Sendable {
        package let lines: [JournalLine]
        /// Where the last whole line ends; what follows is torn.
        package let wholeBytes: Int
        package let tornBytes: Int
    }

    /// A torn last line is reported, a torn inner line refused with `Failure(.damaged)`: something else has written there.
    package static func read(_ bytes: [UInt8], of run: RunID) throws -> Contents {
        // The room that is reserved past the end reads as zeros on some file systems after a crash.
        let written = bytes.lastIndex { $0 != 0 }.map { bytes[...$0] } ?? []
        var lines: [JournalLine] = []
        var start = written.startIndex
        while start < written.endIndex, let end = written[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line: JournalLine
            do { line = try CanonicalJSON.decode(JournalLine.self, from: Array(written[start..<end])) } catch {
                throw Failure(
                    .damaged, "line \(lines.count + 1) of the journal of run \(run) cannot be read: \(error)",
                    hint: "the run cannot be resumed; `lifeboat abandon \(run)` gives it up")
            }
            guard line.seq == lines.count + 1 else {
                throw Failure(
                    .damaged, "line \(lines.count + 1) of the journal of run \(run) is numbered \(line.seq): lines are missing",
                    hint: "the run cannot be resumed; `lifeboat abandon \(run)` gives it up")
            }
            lines.append(line)
            start = end + 1
        }
        return Contents(lines: lines, wholeBytes: start, tornBytes: bytes.count - start)
    }
}
