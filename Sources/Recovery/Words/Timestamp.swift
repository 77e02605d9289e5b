import FoundationEssentials

/// A moment, to the millisecond, written as RFC 3339 in UTC: `2026-11-20T02:00:00.000Z`.
package struct Timestamp: Sendable, Hashable, Comparable {
    package let millisecondsSince1970: Int64

    package init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    package init(_ date: Date) { millisecondsSince1970 = Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.millisecondsSince1970 < b.millisecondsSince1970 }

    /// Seconds from `earlier` to this moment; negative when it lies later.
    package func seconds(since earlier: Timestamp) -> Double {
        Double(millisecondsSince1970 - earlier.millisecondsSince1970) / 1000
    }

    package func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(millisecondsSince1970: millisecondsSince1970 + Int64((seconds * 1000).rounded()))
    }

    package var date: Date { Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000) }

    /// `20261120T020000Z`: sorts by time and is safe in file names.
    package var compact: String { String(text.prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z" }

    /// `2026-11-20T02:00:00.000Z`.
    package var text: String {
        // The formatter cuts a binary fraction off instead of rounding it: 27.100 s would be written as 27.099.
        let milliseconds = (millisecondsSince1970 % 1000 + 1000) % 1000
        let second = Date(timeIntervalSince1970: Double((millisecondsSince1970 - milliseconds) / 1000))
        return "\(second.formatted(Self.wholeSeconds).dropLast()).\(String(1000 + milliseconds).dropFirst())Z"
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let wholeSeconds = Date.ISO8601FormatStyle()

    /// RFC 3339 with or without fractions of a second; nil for anything else.
    package init?(_ text: String) {
        guard let date = (try? Date(text, strategy: Self.style)) ?? (try? Date(text, strategy: Self.wholeSeconds)) else { return nil }
        self.init(date)
    }
}

extension Timestamp: CustomStringConvertible, Codable {
    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a time")
        }
        self = moment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
