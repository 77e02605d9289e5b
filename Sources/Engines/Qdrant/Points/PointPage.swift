import Documents

/// One answer that lists points: of `POST …/points/scroll`, or of `POST …/points`.
///
/// Finds where each point stands without reading it, in one pass: what the server wrote can then be stored and sent back byte for byte.
package struct PointPage: Sendable {
    package let body: [UInt8]
    /// Where each point stands in the body.
    package let ranges: [Range<Int>]
    /// What the next scroll sends as `offset`, as the server wrote it; nil at the end.
    package let nextPageOffset: [UInt8]?

    /// Throws for anything that is not whole and well-formed JSON with a `result`; a scroll must also say whether it goes on, since an
    /// answer that lost its end must not pass for the last page.
    package init(reading body: [UInt8]) throws(JSONSyntaxError) {
        try self.init(body, mayLackOffset: false)
    }

    /// Answers to queries list points without an offset.
    init(answerToQuery body: [UInt8]) throws(JSONSyntaxError) {
        try self.init(body, mayLackOffset: true)
    }

    private init(_ body: [UInt8], mayLackOffset: Bool) throws(JSONSyntaxError) {
        self.body = body
        var cursor = JSONCursor(body)
        var found: (ranges: [Range<Int>], offset: [UInt8]?)?
        try cursor.enterObject()
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            guard key == Array("result".utf8) else {
                try cursor.skipValue()
                continue
            }
            guard found == nil else { throw cursor.failure("'result' appears twice") }
            found = cursor.isAt("[") ? (try cursor.pointRanges(), nil) : try cursor.pageOfPoints(mayLackOffset: mayLackOffset)
        }
        guard let found else { throw cursor.failure("the answer has no 'result'") }
        try cursor.finish()
        (ranges, nextPageOffset) = found
    }

    package var count: Int { ranges.count }

    /// The bytes of one point, as the server wrote them.
    package subscript(index: Int) -> ArraySlice<UInt8> { body[ranges[index]] }

    package func point(_ index: Int) throws(JSONSyntaxError) -> Point { try Point(reading: body, in: ranges[index]) }
}

extension JSONCursor {
    fileprivate mutating func pageOfPoints(mayLackOffset: Bool) throws(JSONSyntaxError) -> (ranges: [Range<Int>], offset: [UInt8]?) {
        guard isAt("{") else { throw failure(next == nil ? "the text ends too early" : "the result is no list of points") }
        try enterObject()
        var ranges: [Range<Int>]?
        var offset: [UInt8]??
        var isFirst = true
        while let key = try nextKey(isFirst: &isFirst) {
            switch String(decoding: key, as: UTF8.self) {
            case "points":
                guard ranges == nil else { throw failure("'points' appears twice") }
                ranges = try pointRanges()
            case "next_page_offset":
                guard offset == nil else { throw failure("'next_page_offset' appears twice") }
                offset = .some(try pageOffset())
            default: try skipValue()
            }
        }
        guard let ranges else { throw failure("the result has no 'points'") }
        guard let offset = offset ?? (mayLackOffset ? .some(nil) : nil) else {
            throw failure("the result does not say whether there is a next page")
        }
        return (ranges, offset)
    }

    private mutating func pageOffset() throws(JSONSyntaxError) -> [UInt8]? {
        if isAt("n") {
            try skipNull()
            return nil
        }
        guard !isAt("["), !isAt("{"), !isAt("t"), !isAt("f") else { throw failure("the offset of the next page is no id") }
        return Array(try verbatim())
    }

    fileprivate mutating func pointRanges() throws(JSONSyntaxError) -> [Range<Int>] {
        try enterArray()
        var ranges: [Range<Int>] = []
        var isFirst = true
        while try nextItem(isFirst: &isFirst) {
            guard isAt("{") else { throw failure(next == nil ? "the text ends too early" : "a point is no object") }
            let start = position
            try skipValue()
            ranges.append(start..<position)
        }
        return ranges
    }
}
