/// What a point holds under one vector name. A value that the server could not print (`null`: an infinity or NaN) is NaN here.
package enum PointVector: Sendable, Equatable {
    case dense([Float])
    case multi([[Float]])
    case sparse(SparseVector)

    /// The same kind, shape and bits. Swift's `==` calls two NaN different and two zeros equal.
    package func isIdentical(to other: PointVector) -> Bool {
        switch (self, other) {
        case (.dense(let one), .dense(let two)): one.hasSameBits(as: two)
        case (.multi(let one), .multi(let two)): one.count == two.count && zip(one, two).allSatisfy { $0.hasSameBits(as: $1) }
        case (.sparse(let one), .sparse(let two)): one.indices == two.indices && one.values.hasSameBits(as: two.values)
        default: false
        }
    }

    /// Whether some number could not be printed by the server, or is beyond float32.
    package var hasUnreadableValues: Bool {
        switch self {
        case .dense(let values): !values.allSatisfy(\.isFinite)
        case .multi(let rows): !rows.allSatisfy { $0.allSatisfy(\.isFinite) }
        case .sparse(let vector): !vector.values.allSatisfy(\.isFinite)
        }
    }

    /// As requests have it. Only for vectors without unreadable values: JSON has no words for those.
    package var json: String {
        switch self {
        case .dense(let values): Self.json(values)
        case .multi(let rows): "[" + rows.map(Self.json).joined(separator: ",") + "]"
        case .sparse(let vector):
            #"{"indices":["# + vector.indices.map(String.init).joined(separator: ",") + #"],"values":"# + Self.json(vector.values) + "}"
        }
    }

    private static func json(_ values: [Float]) -> String { "[" + values.map(\.description).joined(separator: ",") + "]" }

    /// How large it is, in words.
    package var size: String {
        switch self {
        case .dense(let values): "\(values.count) values"
        case .multi(let rows): "\(rows.count) rows of \(rows.first?.count ?? 0) values"
        case .sparse(let vector): "\(vector.values.count) sparse values"
        }
    }
}

/// The values that are not zero, sorted by index.
package struct SparseVector: Sendable, Codable, Equatable {
    package let indices: [UInt32]
    package let values: [Float]

    /// Both lists are equally long. The server sorts too, so the order in which they were given tells nothing.
    package init(indices: [UInt32], values: [Float]) {
        precondition(indices.count == values.count)
        guard zip(indices, indices.dropFirst()).contains(where: { $0 > $1 }) else {
            (self.indices, self.values) = (indices, values)
            return
        }
        let order = indices.indices.sorted { (indices[$0], $0) < (indices[$1], $1) }
        self.indices = order.map { indices[$0] }
        self.values = order.map { values[$0] }
    }
}

extension PointVector: Codable {
    package init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let vector = try? single.decode(SparseVector.self) {
            self = .sparse(vector)
        } else if let values = try? single.decode([Float].self) {
            self = .dense(values)
        } else {
            self = .multi(try single.decode([[Float]].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .dense(let values): try single.encode(values)
        case .multi(let rows): try single.encode(rows)
        case .sparse(let vector): try single.encode(vector)
        }
    }
}

extension [Float] {
    func hasSameBits(as other: [Float]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}
