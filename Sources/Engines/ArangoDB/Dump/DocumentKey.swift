/// What servers take as `_key` (contract 8).
enum DocumentKey {
    static func isValid(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard (1...254).contains(range.count) else { return false }
        let text = bytes.span
        for index in range where !allowed[Int(text[index])] { return false }
        return true
    }

    private static let allowed: [Bool] = (0...255).map { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "_-:.@()+,=;$!*'%".utf8.contains(UInt8(byte))
    }
}
