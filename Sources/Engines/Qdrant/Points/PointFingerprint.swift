import Bindings

/// Sixteen bytes that stand for everything a point holds: the first half of a SHA-256 over its id, the name, kind and float32 bits of every
/// vector, its canonical payload and its shard key. One changed bit of any of these changes it.
///
/// `-0.0` and `0.0` have different fingerprints: the server keeps the sign, and a sign that flips in a stored vector is damage like any
/// other flipped bit, even if no search would notice. Two vectors that only agree within a tolerance are told apart too; who may expect
/// such (a copy from point to point into float16) uses `PointComparison`.
package struct PointFingerprint: Sendable, Hashable {
    /// What is hashed and how. Another one cannot be compared with this one.
    package static let version: UInt8 = 1

    package let bytes: [UInt8]

    package init(of point: Point) {
        var all = [Self.version]
        all.reserveCapacity(point.vectors.reduce(256 + point.payload.bytes.count) { $0 + $1.value.roughBytes })
        switch point.id {
        case .number(let number):
            all.append(0)
            all.write(number)
        case .uuid(let value):
            all.append(1)
            all.write(UInt64(truncatingIfNeeded: value >> 64))
            all.write(UInt64(truncatingIfNeeded: value))
        }
        all.write(counted: point.shardKey?.json ?? [])
        all.write(counted: point.payload.bytes)
        all.write(UInt64(point.vectors.count))
        for vector in point.vectors { all.write(vector) }
        let digest = SHA256()
        digest.update(all)
        bytes = Array(digest.digest().prefix(16))
    }
}

extension [UInt8] {
    fileprivate mutating func write(_ vector: Point.Vector) {
        write(counted: Array(vector.name.utf8))
        switch vector.value {
        case .dense(let values):
            append(0)
            write(UInt64(values.count))
            for value in values { write(value.bitPattern) }
        case .multi(let rows):
            append(1)
            write(UInt64(rows.count))
            for row in rows {
                write(UInt64(row.count))
                for value in row { write(value.bitPattern) }
            }
        case .sparse(let vector):
            append(2)
            write(UInt64(vector.indices.count))
            for index in vector.indices { write(index) }
            for value in vector.values { write(value.bitPattern) }
        }
    }

    private mutating func write(_ number: UInt32) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
        append(UInt8(truncatingIfNeeded: number >> 16))
        append(UInt8(truncatingIfNeeded: number >> 24))
    }

    fileprivate mutating func write(_ number: UInt64) {
        write(UInt32(truncatingIfNeeded: number))
        write(UInt32(truncatingIfNeeded: number >> 32))
    }

    /// With the length in front, so that two lists of bytes never run into one another.
    fileprivate mutating func write(counted bytes: [UInt8]) {
        write(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}

extension PointVector {
    fileprivate var roughBytes: Int {
        switch self {
        case .dense(let values): 32 + values.count * 4
        case .multi(let rows): 32 + rows.reduce(0) { $0 + 8 + $1.count * 4 }
        case .sparse(let vector): 32 + vector.values.count * 8
        }
    }
}

extension PointFingerprint: CustomStringConvertible {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// 23 characters: the version, then base64url.
    package var description: String {
        var text = Array(String(Self.version).utf8)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(Self.digits[Int(bits >> UInt32(held) & 63)])
            }
        }
        text.append(Self.digits[Int(bits << UInt32(6 - held) & 63)])
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the text form; nil if it is none, or of another version.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 23, text.utf8.first == UInt8(ascii: "0") + Self.version else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for character in text.utf8.dropFirst() {
            guard let digit = Self.digits.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(digit)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
        // 22 digits are 132 bits; the last four say nothing.
        guard bits & 15 == 0 else { return nil }
        self.bytes = bytes
    }
}
