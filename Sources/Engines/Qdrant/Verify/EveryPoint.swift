import Recovery

/// What came of comparing every point of a collection.
struct EveryPoint: Sendable {
    var equal: Int64 = 0
    /// Points that differ, are missing, or were not there.
    var findings: Int64 = 0
    /// The first of them, in words.
    var examples: [String] = []

    static let named = 10

    mutating func note(_ words: String) {
        findings += 1
        if examples.count < Self.named { examples.append(words) }
    }

    func check(_ subject: String) -> CheckResult {
        let compared = equal + findings
        let rest = findings > Int64(examples.count) ? ", and \(findings - Int64(examples.count)) more" : ""
        return CheckResult(
            subject, "every point", expected: "\(compared) as captured",
            actual: findings == 0 ? "\(equal) as captured" : "\(equal) as captured; \(examples.joined(separator: ", "))\(rest)",
            verdict: findings == 0 ? .held : .differed, compared: Int(max(1, compared)))
    }
}

/// Holds a scan against points that were kept one by one: both go in the order of ids.
struct PointsComparison: Sendable {
    private(set) var result = EveryPoint()
    private let shapes: [String: VectorShape]
    private let reader: LineReader
    private var lines = Lines(bytes: [])
    private var next = 0
    private var expected: Point?
    private let collection: String

    init(_ path: String, of collection: String, shapes: [String: VectorShape]) async throws {
        self.collection = collection
        self.shapes = shapes
        reader = try await LineReader(path, of: "the points of collection '\(collection)'")
    }

    mutating func take(_ page: PointPage) async throws {
        for index in page.ranges.indices {
            let point = try page.point(index)
            while let known = try await peek(), known.id < point.id {
                result.note("point \(known.id) is missing")
                expected = nil
            }
            guard let known = try await peek(), known.id == point.id else {
                result.note("point \(point.id) was not there")
                continue
            }
            expected = nil
            let comparison = PointComparison(expected: known, actual: point, shapes: shapes)
            if let difference = comparison.differences.first {
                result.note("point \(point.id) differs in its \(difference.aspect)")
            } else {
                result.equal += 1
            }
        }
    }

    mutating func finish() async throws {
        while let known = try await peek() {
            result.note("point \(known.id) is missing")
            expected = nil
        }
    }

    /// The next one that a server can hold.
    private mutating func peek() async throws -> Point? {
        while expected == nil {
            while next >= lines.ranges.count {
                guard let more = try await reader.next() else { return nil }
                (lines, next) = (more, 0)
            }
            let point: Point
            do { point = try Point(reading: lines.bytes, in: lines.ranges[next]) } catch {
                throw Failure(
                    .damaged, "a point of collection '\(collection)' in the backup is none", hint: "choose another backup",
                    cause: "\(error)" as PlainReason)
            }
            next += 1
            if !point.hasUnreadableValues { expected = point }
        }
        return expected
    }
}
