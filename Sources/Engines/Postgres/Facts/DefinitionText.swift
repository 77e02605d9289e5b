/// Definitions as the server writes them back, made comparable.
///
/// What the server writes from a tree it has parsed, it parses again into another tree in one case that everybody meets:
/// `status IN ('new', 'paid')` on a varchar column is first written `(ARRAY['new'::character varying, …])::text[]`, and after a
/// restore `ARRAY[('new'::character varying)::text, …]`. Both mean the same; the second form is kept.
enum DefinitionText {
    static func normalized(_ text: String) -> String {
        guard text.contains("(ARRAY[") else { return text }
        var text = Array(text.utf8)
        var position = 0
        while let start = find("(ARRAY[", in: text, from: position) {
            position = start + 1
            guard let cast = castOfArray(text, at: start) else { continue }
            var elements: [[UInt8]] = []
            for element in cast.elements { elements.append(Array("(".utf8) + element + Array(")::".utf8) + cast.type) }
            let rewritten = Array("ARRAY[".utf8) + Array(elements.joined(separator: Array(", ".utf8))) + Array("]".utf8)
            text.replaceSubrange(start..<cast.end, with: rewritten)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text with each `table.column` and `schema.table` cut down to its last part, outside of quoted texts.
    static func withoutQualifiers(_ text: String) -> String {
        let text = Array(text.utf8)
        var kept: [UInt8] = []
        var position = 0
        while position < text.count {
            guard let end = endOfIdentifier(text, from: position) else {
                let next = text[position] == UInt8(ascii: "'") ? endOfQuoted(text, from: position) ?? text.count : position + 1
                kept += text[position..<next]
                position = next
                continue
            }
            let isQualifier = end + 1 < text.count && text[end] == UInt8(ascii: ".") && endOfIdentifier(text, from: end + 1) != nil
            if !isQualifier { kept += text[position..<end] }
            position = isQualifier ? end + 1 : end
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// After the identifier that begins here; nil when none does.
    private static func endOfIdentifier(_ text: [UInt8], from start: Int) -> Int? {
        if text[start] == UInt8(ascii: "\"") { return endOfQuoted(text, from: start) }
        func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) || byte == UInt8(ascii: "_") || byte >= 128 }
        guard isLetter(text[start]) else { return nil }
        return text[start...].firstIndex { !isLetter($0) && !(48...57).contains($0) && $0 != UInt8(ascii: "$") } ?? text.count
    }

    private struct ArrayCast {
        let elements: [[UInt8]]
        let type: [UInt8]
        let end: Int
    }

    /// Reads `(ARRAY[a, b])::type[]` that begins at `start`; nil when it is something else.
    private static func castOfArray(_ text: [UInt8], at start: Int) -> ArrayCast? {
        var elements: [[UInt8]] = []
        var position = start + "(ARRAY[".utf8.count
        var elementStart = position
        var depth = 0
        reading: while true {
            guard position < text.count else { return nil }
            switch text[position] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                guard let end = endOfQuoted(text, from: position) else { return nil }
                position = end
                continue
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "]"):
                if depth == 0 {
                    elements.append(Array(text[elementStart..<position]))
                    break reading
                }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                elements.append(Array(text[elementStart..<position]))
                // A comma is followed by a space.
                elementStart = position + 2
            default: break
            }
            position += 1
        }
        position += 1
        guard text[position...].starts(with: ")::".utf8) else { return nil }
        position += 3
        let typeStart = position
        while position < text.count, isOfTypeName(text[position]) { position += 1 }
        guard position > typeStart, text[position...].starts(with: "[]".utf8) else { return nil }
        return ArrayCast(elements: elements, type: Array(text[typeStart..<position]), end: position + 2)
    }

    /// After the closing quote; a doubled one is inside.
    private static func endOfQuoted(_ text: [UInt8], from start: Int) -> Int? {
        let mark = text[start]
        var position = start + 1
        while position < text.count {
            if text[position] == mark {
                guard position + 1 < text.count, text[position + 1] == mark else { return position + 1 }
                position += 1
            }
            position += 1
        }
        return nil
    }

    private static func isOfTypeName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: " "):
            true
        default: false
        }
    }

    private static func find(_ needle: String, in text: [UInt8], from start: Int) -> Int? {
        let needle = Array(needle.utf8)
        guard text.count >= needle.count else { return nil }
        var position = start
        while position <= text.count - needle.count {
            if text[position...].starts(with: needle) { return position }
            position += 1
        }
        return nil
    }
}
