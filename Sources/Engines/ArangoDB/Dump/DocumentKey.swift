/// What servers take as `_key` (contract 8).
enum DocumentKey {
    static func isValid(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard (1...254).contains(range.count) else { return false }
        let text = bytes.span
        for index in range {
            let byte = text[index]
            guard byte < 128, (byte < 64 ? lower : upper) >> UInt64(byte & 63) & 1 == 1 else { return false }
        }
        return true
    }

    // A bit for each letter: this is asked for every letter of every key.
    private static let lower: UInt64 = bits(from: 0)
    private static let upper: UInt64 = bits(from: 64)

    private static func bits(from first: UInt8) -> UInt64 {
        let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-:.@()+,=;$!*'%".utf8
        return letters.reduce(0) { bits, letter in (first..<(first + 64)).contains(letter) ? bits | 1 << UInt64(letter - first) : bits }
    }
}
