import Documents

/// The rows of an answer as sample queries look at them: exactly as the server wrote them.
enum AQLRows {
    static func read(_ answer: ArangoRows) throws(JSONSyntaxError) -> SampleRows {
        var rows: [[SampleCell]] = []
        for row in answer.rows { rows.append(try cells(row)) }
        let columns = rows.first?.count ?? 0
        guard rows.allSatisfy({ $0.count == columns }) else {
            // Lists of different lengths are values, not columns.
            var whole: [[SampleCell]] = []
            for row in answer.rows { whole.append([try cell(row)]) }
            return SampleRows(columns: 1, rows: whole, count: answer.count)
        }
        return SampleRows(columns: columns, rows: rows, count: answer.count)
    }

    private static func cells(_ row: [UInt8]) throws(JSONSyntaxError) -> [SampleCell] {
        var cursor = JSONCursor(row)
        cursor.skipSpace()
        guard cursor.isAt("[") else { return [try cell(row)] }
        var cells: [SampleCell] = []
        for item in try cursor.verbatimItems() { cells.append(try cell(item)) }
        return cells
    }

    private static func cell(_ value: [UInt8]) throws(JSONSyntaxError) -> SampleCell {
        var cursor = JSONCursor(value)
        cursor.skipSpace()
        switch cursor.next {
        case UInt8(ascii: "n"): return SampleCell(text: nil, kind: .other)
        case UInt8(ascii: "\""): return SampleCell(text: String(decoding: try cursor.text(), as: UTF8.self), kind: .text)
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return SampleCell(text: String(decoding: value, as: UTF8.self), kind: .flag)
        case UInt8(ascii: "["), UInt8(ascii: "{"): return SampleCell(text: canonical(value), kind: .other)
        default: return SampleCell(text: String(decoding: value, as: UTF8.self), kind: .number)
        }
    }

    static func canonical(_ value: some Collection<UInt8>) -> String {
        (try? JSONValue(parsing: Array(value)))?.text(.canonical) ?? String(decoding: value, as: UTF8.self)
    }
}
