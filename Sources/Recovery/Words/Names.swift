internal import Documents

/// The id of a run: `20261120T020000Z-monthly-4f1c9a`. Sorts by time, safe in file names and labels.
package struct RunID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package init(of name: String, at time: Timestamp, random: String) {
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }.prefix(40))
        rawValue = "\(time.compact)-\(safe)-\(random)"
    }

    package var description: String { rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// The word a target or role names its engine with. Which engines exist is known at the composition root only.
package struct EngineName: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// How careful one has to be with a target. There is no way to write `disposable`: only servers that a drill's own
/// environment has started are that.
package enum Stage: String, Choice, Codable { case production, staging, development }
