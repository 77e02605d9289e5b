import Documents
import Recovery

/// The name of a point: a number of 64 bits without a sign, or a UUID. Ordered as a scroll goes: numbers ascending, then UUIDs.
package enum PointID: Sendable, Hashable, Comparable {
    case number(UInt64)
    /// By its 128 bits, since one UUID can be written in many ways.
    case uuid(UInt128)

    /// Hyphenated, simple, URN or in braces, upper or lower case: all that Qdrant reads. `"123"` is none.
    package init?(uuid text: String) {
        guard let value = UUIDText.value(of: text) else { return nil }
        self = .uuid(value)
    }

    /// - Parameter json: a number or a text, as it stands in an answer.
    package init(json: some Collection<UInt8>) throws(JSONSyntaxError) {
        var cursor = JSONCursor(Array(json))
        cursor.skipSpace()
        self = try cursor.pointID()
        try cursor.finish()
    }

    /// As requests and answers have it: `18446744073709551615`, `"550e8400-e29b-41d4-a716-446655440000"`.
    package var json: String {
        switch self {
        case .number(let number): String(number)
        case .uuid: "\"\(self)\""
        }
    }
}

extension PointID: CustomStringConvertible {
    /// UUIDs hyphenated in lower case, as the server gives them back.
    package var description: String {
        switch self {
        case .number(let number): String(number)
        case .uuid(let value): UUIDText.text(of: value)
        }
    }
}

extension PointID: Codable {
    package init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let number = try? single.decode(UInt64.self) {
            self = .number(number)
        } else if let id = PointID(uuid: try single.decode(String.self)) {
            self = id
        } else {
            throw DecodingError.dataCorruptedError(in: single, debugDescription: "neither a whole number nor a UUID")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .number(let number): try single.encode(number)
        case .uuid: try single.encode(description)
        }
    }
}

extension JSONCursor {
    mutating func pointID() throws(JSONSyntaxError) -> PointID {
        let start = position
        let id: PointID?
        if isAt("\"") {
            id = PointID(uuid: String(decoding: try text(), as: UTF8.self))
        } else {
            id = try unsigned().map(PointID.number)
        }
        guard let id else { throw JSONSyntaxError(problem: "an id is neither a whole number of 64 bits nor a UUID", offset: start) }
        return id
    }
}
