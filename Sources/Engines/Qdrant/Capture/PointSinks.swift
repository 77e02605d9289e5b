import Bindings
import Recovery

/// Keeps every point as the server printed it, one a line.
final class PointsFile {
    private let writer: LineWriter
    private(set) var count: Int64 = 0
    /// Ids of points that no server takes back, the first of them.
    private(set) var unreadable: [String] = []
    private(set) var unreadableCount: Int64 = 0

    private static let named = 100

    init(creating path: String, of collection: String) async throws {
        writer = try await LineWriter(creating: path, of: "the points of collection '\(collection)'")
    }

    func take(_ page: PointPage) async throws {
        var lines: [UInt8] = []
        lines.reserveCapacity(page.body.count)
        for (index, range) in page.ranges.enumerated() {
            let start = lines.count
            lines.append(contentsOf: page.body[range])
            let marks = Marks(in: page.body.span, range)
            // A server prints a point on one line; whoever is between may not. One inside of a text is escaped, so these are blanks.
            if marks.hasBreak {
                for place in start..<lines.count where lines[place] == 10 || lines[place] == 13 { lines[place] = 32 }
            }
            if marks.hasNull { try note(page, index) }
            lines.append(UInt8(ascii: "\n"))
        }
        count += Int64(page.count)
        try await writer.write(lines)
    }

    func finish() async throws { try await writer.finish() }

    private func note(_ page: PointPage, _ index: Int) throws {
        let point = try page.point(index)
        guard point.hasUnreadableValues else { return }
        unreadableCount += 1
        if unreadable.count < Self.named { unreadable.append("\(point.id)") }
    }

    /// What makes a point worth a second look. Every byte of a capture goes through here.
    private struct Marks {
        private(set) var hasBreak = false
        /// Only a point with the word `null` in it can have an unreadable value.
        private(set) var hasNull = false

        init(in body: Span<UInt8>, _ range: Range<Int>) {
            for place in range {
                let byte = body[place]
                if byte == 10 || byte == 13 {
                    hasBreak = true
                } else if byte == UInt8(ascii: "n"), place + 3 < range.upperBound, body[place + 1] == UInt8(ascii: "u"),
                    body[place + 2] == UInt8(ascii: "l"), body[place + 3] == UInt8(ascii: "l")
                {
                    hasNull = true
                }
            }
        }
    }
}

/// Keeps sixteen bytes of every point.
final class FingerprintsFile {
    private let writer: LineWriter
    private(set) var count: Int64 = 0

    init(creating path: String, of collection: String) async throws {
        writer = try await LineWriter(creating: path, of: "the fingerprints of collection '\(collection)'")
    }

    func take(_ page: PointPage) async throws {
        var lines: [UInt8] = []
        for index in page.ranges.indices {
            let point = try page.point(index)
            lines += Array("\(point.id) \(PointFingerprint(of: point))\n".utf8)
        }
        count += Int64(page.count)
        try await writer.write(lines)
    }

    func finish() async throws { try await writer.finish() }
}

/// Holds a scan against fingerprints that were kept: both go in the order of ids.
struct FingerprintComparison: Sendable {
    /// Points that are the same.
    private(set) var equal: Int64 = 0
    private(set) var changed: Int64 = 0
    private(set) var missing: Int64 = 0
    private(set) var added: Int64 = 0
    /// The first of them, in words.
    private(set) var examples: [String] = []

    private static let named = 10
    private var expected: [(id: PointID, text: String)] = []
    private var next = 0
    private let reader: LineReader

    init(_ path: String, of collection: String) async throws {
        reader = try await LineReader(path, of: "the fingerprints of collection '\(collection)'")
    }

    var isSame: Bool { changed == 0 && missing == 0 && added == 0 }
    var compared: Int64 { equal + changed + missing + added }

    mutating func take(_ page: PointPage) async throws {
        for index in page.ranges.indices {
            let point = try page.point(index)
            while let known = try await peek(), known.id < point.id {
                missing += 1
                note("point \(known.id) is missing")
                next += 1
            }
            if let known = try await peek(), known.id == point.id {
                next += 1
                if known.text == "\(PointFingerprint(of: point))" {
                    equal += 1
                } else {
                    changed += 1
                    note("point \(known.id) differs")
                }
            } else {
                added += 1
                note("point \(point.id) was not there")
            }
        }
    }

    mutating func finish() async throws {
        while let known = try await peek() {
            missing += 1
            note("point \(known.id) is missing")
            next += 1
        }
    }

    private mutating func note(_ words: String) {
        if examples.count < Self.named { examples.append(words) }
    }

    private mutating func peek() async throws -> (id: PointID, text: String)? {
        while next >= expected.count {
            guard let lines = try await reader.next() else { return nil }
            expected = try lines.ranges.map { range in
                let parts = String(decoding: lines.bytes[range], as: UTF8.self).split(separator: " ")
                guard parts.count == 2, let id = UInt64(parts[0]).map(PointID.number) ?? PointID(uuid: String(parts[0])) else {
                    throw Failure(.damaged, "a line of fingerprints is none", hint: "choose another backup")
                }
                return (id, String(parts[1]))
            }
            next = 0
        }
        return expected[next]
    }
}
