/// One thing in which two points, or two answers, differ. The texts may come from hostile data; outlets escape them.
package struct PointDifference: Sendable, Hashable {
    /// `vector text`, `payload geo.lat`, `score of 17`.
    package let aspect: String
    package let expected: String
    package let actual: String

    package init(_ aspect: String, expected: String, actual: String) {
        self.aspect = aspect
        self.expected = expected
        self.actual = actual
    }
}

/// What a point should be beside what it is. Vectors may differ within the tolerance of their datatype; all else must be equal.
package struct PointComparison: Sendable {
    package let differences: [PointDifference]
    /// How many things were compared: the id, the shard key, the payload, and each vector of either point.
    package let compared: Int

    /// - Parameter shapes: by vector name; one that is missing here is compared as float32.
    package init(expected: Point, actual: Point, shapes: [String: VectorShape]) {
        var differences: [PointDifference] = []
        if expected.id != actual.id {
            differences.append(PointDifference("id", expected: "\(expected.id)", actual: "\(actual.id)"))
        }
        if expected.shardKey != actual.shardKey {
            differences.append(
                PointDifference("shard key", expected: expected.shardKey?.shown ?? "none", actual: actual.shardKey?.shown ?? "none"))
        }
        let extra = actual.vectors.filter { expected[$0.name] == nil }
        for vector in expected.vectors {
            guard let found = actual[vector.name] else {
                differences.append(PointDifference(Self.aspect(vector.name), expected: vector.value.size, actual: "missing"))
                continue
            }
            let comparison = VectorComparison(shape: shapes[vector.name] ?? .plain)
            guard let (expected, actual) = comparison.difference(expected: vector.value, actual: found) else { continue }
            differences.append(PointDifference(Self.aspect(vector.name), expected: expected, actual: actual))
        }
        for vector in extra {
            differences.append(PointDifference(Self.aspect(vector.name), expected: "missing", actual: vector.value.size))
        }
        if let difference = PayloadComparison.firstDifference(expected: expected.payload, actual: actual.payload) {
            differences.append(difference)
        }
        self.differences = differences
        compared = 3 + expected.vectors.count + extra.count
    }

    private static func aspect(_ name: String) -> String { name.isEmpty ? "vector" : "vector \(name)" }
}

extension ShardKey {
    fileprivate var shown: String { shortened(description) }
}

/// Enough to recognise a value.
func shortened(_ text: String, to limit: Int = 80) -> String { text.count <= limit ? text : text.prefix(limit - 1) + "…" }
