import Documents
import Recovery

/// JSON values, one a line, out of bytes that come cut anywhere.
struct JSONLines: Sendable {
    private var rest: [UInt8] = []

    /// Progress is small; what does not end is something else.
    private static let longest = 1 << 20

    /// The values that are complete now.
    mutating func take(_ bytes: [UInt8]) throws -> [JSONValue] {
        var values: [JSONValue] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            rest += bytes[start..<end]
            values += try parsed()
            start = end + 1
        }
        rest += bytes[start...]
        guard rest.count <= Self.longest else { throw Self.strange }
        return values
    }

    /// The last one, if no line break came behind it.
    mutating func end() throws -> [JSONValue] { try parsed() }

    private mutating func parsed() throws -> [JSONValue] {
        defer { rest = [] }
        guard rest.contains(where: { $0 > 32 }) else { return [] }
        do { return [try JSONValue(parsing: rest)] } catch { throw Self.strange }
    }

    private static let strange = Failure(
        .environmentUnavailable, "the container engine tells of its progress in a form that is not known",
        hint: "a proxy in between may have answered in its place")
}
