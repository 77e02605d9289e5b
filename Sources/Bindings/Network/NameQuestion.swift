/// A question to a DNS server for the address of a name (RFC 1035).
struct NameQuestion {
    let bytes: [UInt8]

    init(_ name: String) {
        // A number of its own, recursion desired, one question.
        var bytes = randomBytes(2) + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        // The end of the name, type A, class Internet.
        self.bytes = bytes + [0, 0, 1, 0, 1]
    }

    /// Whether that is an answer which somebody who knows has given: with records, be it those of who says that there is no such name. A
    /// server that could not ask anybody sends none.
    func isAnswered(by answer: ArraySlice<UInt8>) -> Bool {
        let answer = Array(answer)
        guard answer.count >= 12, answer[0] == bytes[0], answer[1] == bytes[1], answer[2] & 0x80 != 0 else { return false }
        return answer[6...9].contains { $0 > 0 }
    }
}
