import Recovery

/// How the server keeps the values of a vector. It prints all of them as numbers.
package enum VectorDatatype: String, Sendable, Codable, CaseIterable {
    case float32, float16, uint8, turbo4

    /// How far two values may lie apart, as a fraction of the largest value of their vector.
    var tolerance: Double {
        switch self {
        // Sixteen steps of the last bit: a server that normalises again loses a few.
        case .float32: 1e-6
        // Eleven bits.
        case .float16: 1e-3
        case .uint8: 0
        // Four bits for each value, after a rotation that spreads the error; writing again may lose as much again.
        case .turbo4: 0.15
        }
    }
}

/// What a comparison must know of a vector.
package struct VectorShape: Sendable, Hashable {
    package let distance: VectorDistance
    package let datatype: VectorDatatype

    package init(distance: VectorDistance, datatype: VectorDatatype = .float32) {
        self.distance = distance
        self.datatype = datatype
    }

    /// For sparse vectors, and for those of which the configuration says nothing.
    package static let plain = VectorShape(distance: .dot)
}
