/// A unit vector out of a seed, the same on every machine and in every version, for nearest-neighbour queries.
///
/// Component i is the i-th number of SplitMix64(seed), taken to [-1, 1) by its upper 53 bits; the vector is divided by its Euclidean
/// length and written with six decimals: `[0.012345,-0.067890,…]`, as pgvector reads it.
package enum SeededVector {
    package static func text(dimensions: Int, seed: UInt64 = 1) -> String {
        var state = seed
        let raw = (0..<dimensions).map { _ in Double(next(&state) >> 11) * 0x1p-53 * 2 - 1 }
        let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return "[" + raw.map { sixDecimals($0 / length) }.joined(separator: ",") + "]"
    }

    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    private static func sixDecimals(_ value: Double) -> String {
        let millionths = Int((value * 1_000_000).rounded())
        let digits = String(millionths.magnitude)
        let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        return (millionths < 0 ? "-" : "") + padded.dropLast(6) + "." + padded.suffix(6)
    }
}
