import Bindings
import Documents

/// Tells whether two collections hold the same documents, whatever order those come in: the sum, number by number modulo 2^64, of the
/// SHA-256 of every document in its canonical form (`CanonicalDocument`). A document more, less or changed gives another sum.
struct ContentDigest: Sendable, Equatable {
    private var sum = SIMD4<UInt64>()
    private(set) var documents: Int64 = 0

    mutating func add(_ document: CanonicalDocument) {
        sum &+= SHA256.words(of: document.bytes)
        documents += 1
    }

    /// - Parameter range: one document without its line break.
    mutating func add(document bytes: [UInt8], _ range: Range<Int>) throws(JSONSyntaxError) {
        var document = CanonicalDocument()
        try document.read(bytes, range)
        add(document)
    }

    /// Lines, each of which holds a document; blank ones are none.
    mutating func add(lines bytes: [UInt8]) throws(JSONSyntaxError) {
        var document = CanonicalDocument()
        var start = 0
        while start < bytes.count {
            let end = bytes.endOfLine(from: start, before: bytes.count)
            if end - start > 1 {
                try document.read(bytes, start..<end)
                add(document)
            }
            start = end + 1
        }
    }

    /// Lines as all versions write them; of their documents those that are meant.
    mutating func add(lines bytes: [UInt8], where isMeant: (ArraySlice<UInt8>) -> Bool) throws(JSONSyntaxError) {
        var line = LineScan()
        var start = 0
        while start < bytes.count {
            let end = bytes.endOfLine(from: start, before: bytes.count)
            try line.read(bytes, start..<end)
            if line.kind == .plain || line.kind == .enveloped, isMeant(bytes[line.document.whole]) {
                try add(document: bytes, line.document.whole)
            }
            start = end + 1
        }
    }

    mutating func combine(_ other: ContentDigest) {
        sum &+= other.sum
        documents += other.documents
    }

    /// 64 lower-case hexadecimal digits.
    var text: String {
        (0..<4).map { index in
            let digits = String(sum[index], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
