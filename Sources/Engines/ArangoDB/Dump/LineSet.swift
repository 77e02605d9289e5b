/// Some lines of a file, a bit for each: a hundred million take 12 MB.
struct LineSet: Sendable {
    private var words: [UInt64] = []

    mutating func insert(_ line: Int64) {
        let word = Int(line >> 6)
        if word >= words.count { words += [UInt64](repeating: 0, count: max(word + 1 - words.count, words.count)) }
        words[word] |= 1 << UInt64(line & 63)
    }

    func contains(_ line: Int64) -> Bool {
        let word = Int(line >> 6)
        return word < words.count && words[word] >> UInt64(line & 63) & 1 == 1
    }

    func union(_ other: LineSet) -> LineSet {
        var both = words.count >= other.words.count ? self : other
        let shorter = words.count >= other.words.count ? other : self
        for (index, word) in shorter.words.enumerated() { both.words[index] |= word }
        return both
    }
}
