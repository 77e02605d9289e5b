import Documents

/// What one line of a dump does, told as servers tell it (contract 11, 12): a line with a text as `_key` is a document, whatever else it has;
/// others are envelopes, as versions before 3.9 wrote them, some of which take a document away again.
enum DumpedLine: Equatable {
    case blank
    case document(key: [UInt8], isPlain: Bool)
    case removal(key: [UInt8])

    /// - Parameter line: without its end.
    init(_ bytes: [UInt8], _ line: Range<Int>) throws(JSONSyntaxError) {
        guard line.count > 1 else {
            self = .blank
            return
        }
        var cursor = JSONCursor(bytes, in: line)
        try cursor.enterObject()
        var parts = Envelope()
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            if key.elementsEqual("_key".utf8), cursor.isAt("\"") {
                // Nothing that follows makes it another line.
                self = .document(key: try cursor.text(), isPlain: true)
                return
            }
            switch String(decoding: key, as: UTF8.self) {
            case "type": parts.type = try Self.number(&cursor)
            case "key" where cursor.isAt("\""): parts.key = try cursor.text()
            case "data" where cursor.isAt("{"): parts.keyOfData = try Self.key(in: &cursor)
            default: try cursor.skipValue()
            }
        }
        switch (parts.type, parts.keyOfData, parts.key) {
        case (2300?, let key?, _), (2301?, let key?, _): self = .document(key: key, isPlain: false)
        case (2302?, let key?, _), (2302?, nil, let key?): self = .removal(key: key)
        default: throw cursor.failure("no document and no removal of one", at: line.lowerBound)
        }
    }

    private struct Envelope {
        var type: UInt64?
        var key: [UInt8]?
        var keyOfData: [UInt8]?
    }

    private static func number(_ cursor: inout JSONCursor) throws(JSONSyntaxError) -> UInt64? {
        guard let next = cursor.next, next.isDigit else {
            try cursor.skipValue()
            return nil
        }
        return try cursor.unsigned()
    }

    private static func key(in cursor: inout JSONCursor) throws(JSONSyntaxError) -> [UInt8]? {
        try cursor.enterObject()
        var found: [UInt8]?
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            if key.elementsEqual("_key".utf8), cursor.isAt("\"") { found = try cursor.text() } else { try cursor.skipValue() }
        }
        return found
    }

    /// How the lines of all versions since 3.9 begin.
    static let plainStart = Array(#"{"_key":""#.utf8)
}
