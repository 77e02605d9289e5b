import Documents

/// One line of a dump after another, every byte of it checked, and what it says of its document. It tells lines apart as `DumpedLine` does, and
/// makes nothing on the way: there may be a hundred million of them.
struct LineScan {
    enum Kind { case blank, plain, enveloped, removal }

    /// Where texts lie in the line, without their quotes and with their escapes.
    struct Document {
        var whole = 0..<0
        var key: Range<Int>?
        var id: Range<Int>?
        var from: Range<Int>?
        var to: Range<Int>?
    }

    private(set) var kind = Kind.blank
    /// Of a removal it has the key alone.
    private(set) var document = Document()
    /// By attribute.
    var found: ArraySlice<VectorAttribute.Found> { kind == .plain ? foundOutside[...] : foundInside[...] }

    private let vectors: [VectorAttribute]
    private var outside = Document()
    private var inside = Document()
    private var type: UInt64?
    private var keyOfEnvelope: Range<Int>?
    private var isInEnvelope = false
    private var foundOutside: [VectorAttribute.Found]
    private var foundInside: [VectorAttribute.Found]

    private enum Depth {
        case line
        /// The document of an envelope.
        case envelope
        case deeper
    }

    /// One bit for each of `vectors` whose path may lie ahead.
    private typealias Ahead = UInt64
    static let mostVectors = 64

    init(vectors: [VectorAttribute] = []) {
        self.vectors = Array(vectors.prefix(Self.mostVectors))
        foundOutside = Array(repeating: .nothing, count: self.vectors.count)
        foundInside = foundOutside
    }

    /// - Parameter line: without its end.
    mutating func read(_ bytes: [UInt8], _ line: Range<Int>) throws(JSONSyntaxError) {
        guard !Self.isBlank(bytes, line) else {
            kind = .blank
            return
        }
        forget()
        var cursor = JSONCursor(bytes, in: line)
        cursor.skipSpace()
        let start = cursor.position
        try object(&cursor, .line, level: 0, vectors.isEmpty ? 0 : .max)
        outside.whole = start..<cursor.position
        try cursor.finish()
        if outside.key != nil {
            (kind, document) = (.plain, outside)
            return
        }
        switch (type, inside.key, keyOfEnvelope) {
        case (2300?, .some, _), (2301?, .some, _): (kind, document) = (.enveloped, inside)
        case (2302?, let key?, _), (2302?, nil, let key?): (kind, document) = (.removal, Document(key: key))
        default: throw cursor.failure("no document and no removal of one", at: line.lowerBound)
        }
    }

    /// Servers pass over any line of one letter. One that is no blank is what is left of a document.
    private static func isBlank(_ bytes: [UInt8], _ line: Range<Int>) -> Bool {
        line.isEmpty || line.count == 1 && bytes[line.lowerBound] <= UInt8(ascii: " ")
    }

    private mutating func forget() {
        (outside, inside) = (Document(), Document())
        (type, keyOfEnvelope, isInEnvelope) = (nil, nil, false)
        guard !vectors.isEmpty else { return }
        for index in vectors.indices { (foundOutside[index], foundInside[index]) = (.nothing, .nothing) }
    }

    // MARK: - Objects

    private mutating func object(_ cursor: inout JSONCursor, _ depth: Depth, level: Int, _ ahead: Ahead) throws(JSONSyntaxError) {
        try cursor.enterObject()
        cursor.skipSpace()
        if cursor.take("}") { return }
        repeat {
            cursor.skipSpace()
            guard cursor.isAt("\"") else { throw cursor.failure(cursor.next == nil ? "the text ends too early" : "expected a key") }
            let start = cursor.position + 1
            try cursor.skipString()
            let name = start..<(cursor.position - 1)
            cursor.skipSpace()
            guard cursor.take(":") else { throw cursor.failure(cursor.next == nil ? "the text ends too early" : "expected ':'") }
            cursor.skipSpace()
            if let special = depth == .deeper ? nil : try Self.special(cursor.bytes, name, depth) {
                let start = cursor.position
                try take(special, &cursor, depth)
                // What means something in an envelope may be any attribute of a plain document.
                if ahead != 0, [.type, .keyOfEnvelope, .data].contains(special) {
                    cursor.position = start
                    try value(named: name, &cursor, level, ahead)
                }
            } else if ahead != 0 {
                try value(named: name, &cursor, level, ahead)
            } else {
                try cursor.skipValue()
            }
            cursor.skipSpace()
        } while cursor.take(",")
        guard cursor.take("}") else { throw cursor.failure(cursor.next == nil ? "the text ends too early" : "expected ',' or '}'") }
    }

    fileprivate enum Special { case key, id, from, to, type, keyOfEnvelope, data }

    private static func special(_ bytes: [UInt8], _ name: Range<Int>, _ depth: Depth) throws(JSONSyntaxError) -> Special? {
        guard name.count >= 3, name.count <= 30 else { return nil }
        let text = bytes.span
        func isAt(_ offset: Int, _ letter: Unicode.Scalar) -> Bool { text[name.lowerBound + offset] == UInt8(ascii: letter) }
        switch name.count {
        case 3:
            if isAt(0, "_") {
                if isAt(1, "i"), isAt(2, "d") { return .id }
                if isAt(1, "t"), isAt(2, "o") { return .to }
            } else if depth == .line, isAt(0, "k"), isAt(1, "e"), isAt(2, "y") {
                return .keyOfEnvelope
            }
            return nil
        case 4:
            if isAt(0, "_") { return isAt(1, "k") && isAt(2, "e") && isAt(3, "y") ? .key : nil }
            guard depth == .line else { return nil }
            if isAt(0, "t"), isAt(1, "y"), isAt(2, "p"), isAt(3, "e") { return .type }
            return isAt(0, "d") && isAt(1, "a") && isAt(2, "t") && isAt(3, "a") ? .data : nil
        case 5: return isAt(0, "_") && isAt(1, "f") && isAt(2, "r") && isAt(3, "o") && isAt(4, "m") ? .from : nil
        default:
            // Long enough to be one of them in disguise.
            guard name.count >= 8, LineText.hasEscapes(bytes, name) else { return nil }
            let plain = try LineText.text(bytes, name)
            return plain.count <= 5 ? try special(plain, plain.indices, depth) : nil
        }
    }

    private mutating func take(_ special: Special, _ cursor: inout JSONCursor, _ depth: Depth) throws(JSONSyntaxError) {
        switch special {
        case .type:
            if let next = cursor.next, next.isDigit { type = try cursor.unsigned() } else { try cursor.skipValue() }
        case .data:
            guard cursor.isAt("{") else { return try cursor.skipValue() }
            let start = cursor.position
            inside = Document()
            isInEnvelope = true
            try object(&cursor, .envelope, level: 0, vectors.isEmpty ? 0 : .max)
            isInEnvelope = false
            inside.whole = start..<cursor.position
        default:
            guard cursor.isAt("\"") else { return try cursor.skipValue() }
            let start = cursor.position + 1
            try cursor.skipString()
            let text = start..<(cursor.position - 1)
            if special == .keyOfEnvelope {
                keyOfEnvelope = text
            } else {
                let isNew = depth == .line ? outside.set(special, text) : inside.set(special, text)
                guard isNew else { throw cursor.failure("a member that names documents is there twice", at: start) }
            }
        }
    }

    // MARK: - Vectors

    private mutating func value(
        named name: Range<Int>, _ cursor: inout JSONCursor, _ level: Int, _ ahead: Ahead
    ) throws(JSONSyntaxError) {
        var here: Ahead = 0
        var deeper: Ahead = 0
        for (index, vector) in vectors.enumerated() where ahead >> UInt64(index) & 1 == 1 && vector.path.count > level {
            guard cursor.bytes[name].elementsEqual(vector.path[level]) else { continue }
            if vector.path.count == level + 1 { here |= 1 << UInt64(index) } else { deeper |= 1 << UInt64(index) }
        }
        if here == 0 {
            guard deeper != 0, cursor.isAt("{") else { return try cursor.skipValue() }
            return try object(&cursor, .deeper, level: level + 1, deeper)
        }
        let found = try Self.vector(&cursor)
        for index in vectors.indices where here >> UInt64(index) & 1 == 1 {
            if isInEnvelope { foundInside[index] = found } else { foundOutside[index] = found }
        }
    }

    private static func vector(_ cursor: inout JSONCursor) throws(JSONSyntaxError) -> VectorAttribute.Found {
        guard cursor.isAt("[") else {
            let isNull = cursor.isAt("n")
            try cursor.skipValue()
            return isNull ? .nothing : .somethingElse
        }
        try cursor.enterArray()
        var count = 0
        var areNumbers = true
        var isFirst = true
        while try cursor.nextItem(isFirst: &isFirst) {
            if let next = cursor.next, next.isDigit || next == UInt8(ascii: "-") {
                try cursor.skipNumber()
            } else {
                areNumbers = false
                try cursor.skipValue()
            }
            count += 1
        }
        return areNumbers ? .numbers(count) : .somethingElse
    }
}

extension LineScan.Document {
    /// False if it had one.
    fileprivate mutating func set(_ special: LineScan.Special, _ text: Range<Int>) -> Bool {
        func put(_ member: inout Range<Int>?) -> Bool {
            guard member == nil else { return false }
            member = text
            return true
        }
        return switch special {
        case .key: put(&key)
        case .id: put(&id)
        case .from: put(&from)
        default: put(&to)
        }
    }
}
