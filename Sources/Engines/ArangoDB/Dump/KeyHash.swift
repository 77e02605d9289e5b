import Bindings

/// Tells documents apart without keeping their keys: SipHash-2-4 of 128 bits (Aumasson and Bernstein, 2012), with a secret that is drawn
/// anew for every reading. Nobody can write keys that collide, and of a hundred million keys two collide by chance once in 10^16 dumps, so
/// that no sound dump is ever called damaged for it.
struct KeyHash: Sendable {
    private let first: UInt64
    private let second: UInt64

    init() { self.init(secret: randomBytes(16)) }

    /// - Parameter secret: 16 bytes.
    init(secret: [UInt8]) {
        first = secret.word(at: 0)
        second = secret.word(at: 8)
    }

    func callAsFunction(_ bytes: [UInt8], _ range: Range<Int>) -> (upper: UInt64, lower: UInt64) {
        var state = State(first, second)
        let text = bytes.span
        var at = range.lowerBound
        while range.upperBound - at >= 8 {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(text[at + offset]) << UInt64(8 * offset) }
            state.take(word)
            at += 8
        }
        var last = UInt64(truncatingIfNeeded: range.count) << 56
        for offset in 0..<(range.upperBound - at) { last |= UInt64(text[at + offset]) << UInt64(8 * offset) }
        state.take(last)
        return state.end()
    }

    private struct State {
        private var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64)

        init(_ first: UInt64, _ second: UInt64) {
            a = first ^ 0x736f_6d65_7073_6575
            b = second ^ 0x646f_7261_6e64_6f6d ^ 0xee
            c = first ^ 0x6c79_6765_6e65_7261
            d = second ^ 0x7465_6462_7974_6573
        }

        private mutating func turn() {
            a = a &+ b
            b = b << 13 | b >> 51
            b ^= a
            a = a << 32 | a >> 32
            c = c &+ d
            d = d << 16 | d >> 48
            d ^= c
            a = a &+ d
            d = d << 21 | d >> 43
            d ^= a
            c = c &+ b
            b = b << 17 | b >> 47
            b ^= c
            c = c << 32 | c >> 32
        }

        mutating func take(_ word: UInt64) {
            d ^= word
            turn()
            turn()
            a ^= word
        }

        mutating func end() -> (UInt64, UInt64) {
            c ^= 0xee
            for _ in 0..<4 { turn() }
            let upper = a ^ b ^ c ^ d
            b ^= 0xdd
            for _ in 0..<4 { turn() }
            return (upper, a ^ b ^ c ^ d)
        }
    }
}

extension [UInt8] {
    /// Eight bytes, the least significant first.
    fileprivate func word(at index: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[index + $1]) << UInt64(8 * $1) }
    }
}
