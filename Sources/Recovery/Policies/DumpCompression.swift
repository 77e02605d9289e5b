package import Documents

/// How the parts of a backup are packed by the engine's own tools: `none`, `gzip`, `zstd:9`.
package struct DumpCompression: ScalarValue, Hashable {
    package enum Method: String, Sendable, CaseIterable {
        case none, gzip, lz4, zstd

        /// Those that a level may be chosen from.
        package var levels: ClosedRange<Int>? {
            switch self {
            case .none: nil
            case .gzip: 1...9
            case .lz4: 1...12
            case .zstd: 1...22
            }
        }
    }

    package let method: Method
    /// Nil: what the tool takes by itself.
    package let level: Int?

    package init(_ method: Method, level: Int? = nil) {
        self.method = method
        self.level = level
    }

    package init(scalar text: String) throws(Mistake) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let method = Method(rawValue: parts[0]) else {
            let names = Method.allCases.map(\.rawValue)
            throw Mistake(
                "\(text.quoted) is no compression",
                hint: Int(text).map { (1...9).contains($0) ? "write gzip:\($0)" : "write one of \(names.joined(separator: ", "))" }
                    ?? names.suggestion(for: parts[0]) ?? "there are: \(names.joined(separator: ", "))")
        }
        self.method = method
        guard parts.count == 2 else {
            level = nil
            return
        }
        guard let levels = method.levels else { throw Mistake("\(text.quoted) has a level, and `none` has none", hint: "write none") }
        guard let level = Int(parts[1]), String(level) == parts[1], levels.contains(level) else {
            throw Mistake(
                "\(text.quoted) has no level of \(method)",
                hint: "its levels are \(levels.lowerBound) to \(levels.upperBound), as in \(method):3")
        }
        self.level = level
    }

    package static var form: String { "none, gzip, lz4 or zstd, with `:LEVEL` if wanted" }
    package static var placeholder: DumpCompression { DumpCompression(.none) }
    package static var scalarSchema: JSONSchema {
        .string(pattern: "^(none|gzip(:[1-9])?|lz4(:([1-9]|1[0-2]))?|zstd(:([1-9]|1[0-9]|2[0-2]))?)$")
    }
    package var canonical: String { level.map { "\(method.rawValue):\($0)" } ?? method.rawValue }
}
