import Bindings
import Recovery

/// Says what stands in a few lines of a data file, for the words of findings: the file is read again up to the last of them, which happens in a
/// damaged dump alone.
enum LineNames {
    struct Line: Sendable {
        var key = ""
        var from = ""
        var to = ""
    }

    static func read(_ wanted: Set<Int64>, _ path: String, isPacked: Bool, _ flag: CancellationFlag) throws -> [Int64: Line] {
        guard let last = wanted.max() else { return [:] }
        var named: [Int64: Line] = [:]
        var number: Int64 = 0
        var scan = LineScan()
        do {
            var lines = try DataLines(path, isPacked: isPacked)
            while number < last {
                try flag.check()
                let goesOn = try lines.next { bytes, range in
                    var start = range.lowerBound
                    while start < range.upperBound, number < last {
                        let end = bytes.endOfLine(from: start, before: range.upperBound)
                        number += 1
                        if wanted.contains(number) {
                            try? scan.read(bytes, start..<end)
                            named[number] = Line(
                                key: LineText.words(bytes, scan.document.key), from: LineText.words(bytes, scan.document.from),
                                to: LineText.words(bytes, scan.document.to))
                        }
                        start = end + 1
                    }
                }
                if !goesOn { break }
            }
        } catch is DataLines.Trouble {
            // It was told when the file was read the first time.
        }
        return named
    }
}
